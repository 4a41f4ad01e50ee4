using Warden.ConformanceTests.Specifications;
using Xunit;

namespace Warden.ConformanceTests.Targets;

// What is judged of the server at WARDEN_SOCKET. It is one server: its classes take turns. One class a specification; the checks of completeness miss one that is not here.

[Collection("External")]
public sealed class ExternalBackPressure() : BackPressureSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalBadFrame() : BadFrameSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalBandwidthAndCpu() : BandwidthAndCpuSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalBindMount() : BindMountSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalClient() : ClientSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalConfiguration() : ConfigurationSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalConfinement() : ConfinementSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalCopyIn() : CopyInSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalCopyOut() : CopyOutSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalDestroy() : DestroySpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalDisk() : DiskSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalDrain() : DrainSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalFile() : FileSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalFraming() : FramingSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalGraceTime() : GraceTimeSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalIdentity() : IdentitySpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalInfo() : InfoSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalInside() : InsideSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalJob() : JobSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalJobEnd() : JobEndSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalLink() : LinkSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalLogTag() : LogTagSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalMemory() : MemorySpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalNetIn() : NetInSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalNetOut() : NetOutSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalNetwork() : NetworkSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalOperation() : OperationSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalOutputLimit() : OutputLimitSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalPool() : PoolSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalProcess() : ProcessSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalRecovery() : RecoverySpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalRepl() : ReplSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalResourceLimit() : ResourceLimitSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalRestart() : RestartSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalServe() : ServeSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalState() : StateSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalStop() : StopSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalStream() : StreamSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalTranscript() : TranscriptSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalValue() : ValueSpecification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalVersion1() : Version1Specification(ExternalTarget.Instance);

[Collection("External")]
public sealed class ExternalManyServers() : ManyServersSpecification(ExternalTarget.Instance);
