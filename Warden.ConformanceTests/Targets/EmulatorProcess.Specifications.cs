using Warden.ConformanceTests.Specifications;
using Xunit;

namespace Warden.ConformanceTests.Targets;

// What is judged of the emulator's executable. One class a specification; the checks of completeness miss one that is not here.

public sealed class EmulatorProcessBackPressure() : BackPressureSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessBadFrame() : BadFrameSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessBandwidthAndCpu() : BandwidthAndCpuSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessBindMount() : BindMountSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessClient() : ClientSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessConfiguration() : ConfigurationSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessConfinement() : ConfinementSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessCopyIn() : CopyInSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessCopyOut() : CopyOutSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessDestroy() : DestroySpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessDisk() : DiskSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessDrain() : DrainSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessFile() : FileSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessFraming() : FramingSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessGraceTime() : GraceTimeSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessIdentity() : IdentitySpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessInfo() : InfoSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessInside() : InsideSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessJob() : JobSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessJobEnd() : JobEndSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessLink() : LinkSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessLogTag() : LogTagSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessMemory() : MemorySpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessNetIn() : NetInSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessNetOut() : NetOutSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessNetwork() : NetworkSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessOperation() : OperationSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessOutputLimit() : OutputLimitSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessPool() : PoolSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessProcess() : ProcessSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessRecovery() : RecoverySpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessRepl() : ReplSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessResourceLimit() : ResourceLimitSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessRestart() : RestartSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessServe() : ServeSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessState() : StateSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessStop() : StopSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessStream() : StreamSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessTranscript() : TranscriptSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessValue() : ValueSpecification(EmulatorProcessTarget.Instance);

public sealed class EmulatorProcessVersion1() : Version1Specification(EmulatorProcessTarget.Instance);

[Collection(AloneCollection.Name)]
public sealed class EmulatorProcessManyServers() : ManyServersSpecification(EmulatorProcessTarget.Instance);
