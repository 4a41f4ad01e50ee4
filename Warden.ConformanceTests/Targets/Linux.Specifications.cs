using Warden.ConformanceTests.Specifications;
using Xunit;

namespace Warden.ConformanceTests.Targets;

// What is judged of the Linux server. One class a specification; the checks of completeness miss one that is not here.

public sealed class LinuxBackPressure() : BackPressureSpecification(LinuxTarget.Instance);

public sealed class LinuxBadFrame() : BadFrameSpecification(LinuxTarget.Instance);

public sealed class LinuxBandwidthAndCpu() : BandwidthAndCpuSpecification(LinuxTarget.Instance);

public sealed class LinuxBindMount() : BindMountSpecification(LinuxTarget.Instance);

public sealed class LinuxClient() : ClientSpecification(LinuxTarget.Instance);

public sealed class LinuxConfiguration() : ConfigurationSpecification(LinuxTarget.Instance);

public sealed class LinuxConfinement() : ConfinementSpecification(LinuxTarget.Instance);

public sealed class LinuxCopyIn() : CopyInSpecification(LinuxTarget.Instance);

public sealed class LinuxCopyOut() : CopyOutSpecification(LinuxTarget.Instance);

public sealed class LinuxDestroy() : DestroySpecification(LinuxTarget.Instance);

public sealed class LinuxDisk() : DiskSpecification(LinuxTarget.Instance);

public sealed class LinuxDrain() : DrainSpecification(LinuxTarget.Instance);

public sealed class LinuxFile() : FileSpecification(LinuxTarget.Instance);

public sealed class LinuxFraming() : FramingSpecification(LinuxTarget.Instance);

public sealed class LinuxGraceTime() : GraceTimeSpecification(LinuxTarget.Instance);

public sealed class LinuxIdentity() : IdentitySpecification(LinuxTarget.Instance);

public sealed class LinuxInfo() : InfoSpecification(LinuxTarget.Instance);

public sealed class LinuxInside() : InsideSpecification(LinuxTarget.Instance);

public sealed class LinuxJob() : JobSpecification(LinuxTarget.Instance);

public sealed class LinuxJobEnd() : JobEndSpecification(LinuxTarget.Instance);

public sealed class LinuxLink() : LinkSpecification(LinuxTarget.Instance);

public sealed class LinuxLogTag() : LogTagSpecification(LinuxTarget.Instance);

public sealed class LinuxMemory() : MemorySpecification(LinuxTarget.Instance);

public sealed class LinuxNetIn() : NetInSpecification(LinuxTarget.Instance);

public sealed class LinuxNetOut() : NetOutSpecification(LinuxTarget.Instance);

public sealed class LinuxNetwork() : NetworkSpecification(LinuxTarget.Instance);

public sealed class LinuxOperation() : OperationSpecification(LinuxTarget.Instance);

public sealed class LinuxOutputLimit() : OutputLimitSpecification(LinuxTarget.Instance);

public sealed class LinuxPool() : PoolSpecification(LinuxTarget.Instance);

public sealed class LinuxProcess() : ProcessSpecification(LinuxTarget.Instance);

public sealed class LinuxRecovery() : RecoverySpecification(LinuxTarget.Instance);

public sealed class LinuxRepl() : ReplSpecification(LinuxTarget.Instance);

public sealed class LinuxResourceLimit() : ResourceLimitSpecification(LinuxTarget.Instance);

public sealed class LinuxRestart() : RestartSpecification(LinuxTarget.Instance);

public sealed class LinuxServe() : ServeSpecification(LinuxTarget.Instance);

public sealed class LinuxState() : StateSpecification(LinuxTarget.Instance);

public sealed class LinuxStop() : StopSpecification(LinuxTarget.Instance);

public sealed class LinuxStream() : StreamSpecification(LinuxTarget.Instance);

public sealed class LinuxTranscript() : TranscriptSpecification(LinuxTarget.Instance);

public sealed class LinuxValue() : ValueSpecification(LinuxTarget.Instance);

public sealed class LinuxVersion1() : Version1Specification(LinuxTarget.Instance);

[Collection(AloneCollection.Name)]
public sealed class LinuxManyServers() : ManyServersSpecification(LinuxTarget.Instance);
