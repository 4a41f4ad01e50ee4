using Warden.ConformanceTests.Specifications;
using Xunit;

namespace Warden.ConformanceTests.Targets;

// What is judged of the Linux server in a container. One class a specification; the checks of completeness miss one that is not here.

public sealed class DockerBackPressure() : BackPressureSpecification(DockerTarget.Instance);

public sealed class DockerBadFrame() : BadFrameSpecification(DockerTarget.Instance);

public sealed class DockerBandwidthAndCpu() : BandwidthAndCpuSpecification(DockerTarget.Instance);

public sealed class DockerBindMount() : BindMountSpecification(DockerTarget.Instance);

public sealed class DockerClient() : ClientSpecification(DockerTarget.Instance);

public sealed class DockerConfiguration() : ConfigurationSpecification(DockerTarget.Instance);

public sealed class DockerConfinement() : ConfinementSpecification(DockerTarget.Instance);

public sealed class DockerCopyIn() : CopyInSpecification(DockerTarget.Instance);

public sealed class DockerCopyOut() : CopyOutSpecification(DockerTarget.Instance);

public sealed class DockerDestroy() : DestroySpecification(DockerTarget.Instance);

public sealed class DockerDisk() : DiskSpecification(DockerTarget.Instance);

public sealed class DockerDrain() : DrainSpecification(DockerTarget.Instance);

public sealed class DockerFile() : FileSpecification(DockerTarget.Instance);

public sealed class DockerFraming() : FramingSpecification(DockerTarget.Instance);

public sealed class DockerGraceTime() : GraceTimeSpecification(DockerTarget.Instance);

public sealed class DockerIdentity() : IdentitySpecification(DockerTarget.Instance);

public sealed class DockerInfo() : InfoSpecification(DockerTarget.Instance);

public sealed class DockerInside() : InsideSpecification(DockerTarget.Instance);

public sealed class DockerJob() : JobSpecification(DockerTarget.Instance);

public sealed class DockerJobEnd() : JobEndSpecification(DockerTarget.Instance);

public sealed class DockerLink() : LinkSpecification(DockerTarget.Instance);

public sealed class DockerLogTag() : LogTagSpecification(DockerTarget.Instance);

public sealed class DockerMemory() : MemorySpecification(DockerTarget.Instance);

public sealed class DockerNetIn() : NetInSpecification(DockerTarget.Instance);

public sealed class DockerNetOut() : NetOutSpecification(DockerTarget.Instance);

public sealed class DockerNetwork() : NetworkSpecification(DockerTarget.Instance);

public sealed class DockerOperation() : OperationSpecification(DockerTarget.Instance);

public sealed class DockerOutputLimit() : OutputLimitSpecification(DockerTarget.Instance);

public sealed class DockerPool() : PoolSpecification(DockerTarget.Instance);

public sealed class DockerProcess() : ProcessSpecification(DockerTarget.Instance);

public sealed class DockerRecovery() : RecoverySpecification(DockerTarget.Instance);

public sealed class DockerRepl() : ReplSpecification(DockerTarget.Instance);

public sealed class DockerResourceLimit() : ResourceLimitSpecification(DockerTarget.Instance);

public sealed class DockerRestart() : RestartSpecification(DockerTarget.Instance);

public sealed class DockerServe() : ServeSpecification(DockerTarget.Instance);

public sealed class DockerState() : StateSpecification(DockerTarget.Instance);

public sealed class DockerStop() : StopSpecification(DockerTarget.Instance);

public sealed class DockerStream() : StreamSpecification(DockerTarget.Instance);

public sealed class DockerTranscript() : TranscriptSpecification(DockerTarget.Instance);

public sealed class DockerValue() : ValueSpecification(DockerTarget.Instance);

public sealed class DockerVersion1() : Version1Specification(DockerTarget.Instance);

[Collection(AloneCollection.Name)]
public sealed class DockerManyServers() : ManyServersSpecification(DockerTarget.Instance);
