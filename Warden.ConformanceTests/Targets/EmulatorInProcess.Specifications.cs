using Warden.ConformanceTests.Specifications;
using Xunit;

namespace Warden.ConformanceTests.Targets;

// What is judged of the emulator in the tests' own process. One class a specification; the checks of completeness miss one that is not here.

public sealed class EmulatorInProcessBackPressure() : BackPressureSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessBadFrame() : BadFrameSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessBandwidthAndCpu() : BandwidthAndCpuSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessBindMount() : BindMountSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessClient() : ClientSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessConfiguration() : ConfigurationSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessConfinement() : ConfinementSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessCopyIn() : CopyInSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessCopyOut() : CopyOutSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessDestroy() : DestroySpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessDisk() : DiskSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessDrain() : DrainSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessFile() : FileSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessFraming() : FramingSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessGraceTime() : GraceTimeSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessIdentity() : IdentitySpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessInfo() : InfoSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessInside() : InsideSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessJob() : JobSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessJobEnd() : JobEndSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessLink() : LinkSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessLogTag() : LogTagSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessMemory() : MemorySpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessNetIn() : NetInSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessNetOut() : NetOutSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessNetwork() : NetworkSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessOperation() : OperationSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessOutputLimit() : OutputLimitSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessPool() : PoolSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessProcess() : ProcessSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessRecovery() : RecoverySpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessRepl() : ReplSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessResourceLimit() : ResourceLimitSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessRestart() : RestartSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessServe() : ServeSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessState() : StateSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessStop() : StopSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessStream() : StreamSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessTranscript() : TranscriptSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessValue() : ValueSpecification(EmulatorInProcessTarget.Instance);

public sealed class EmulatorInProcessVersion1() : Version1Specification(EmulatorInProcessTarget.Instance);

[Collection(AloneCollection.Name)]
public sealed class EmulatorInProcessManyServers() : ManyServersSpecification(EmulatorInProcessTarget.Instance);
