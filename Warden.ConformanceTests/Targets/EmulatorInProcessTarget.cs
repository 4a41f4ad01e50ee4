using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Targets;

/// <summary>The emulator started by the tests, in their own process.</summary>
public sealed class EmulatorInProcessTarget : Target
{
    public static EmulatorInProcessTarget Instance { get; } = new();

    public override string Name => "EmulatorInProcess";

    public override string? Unavailable => "pending";

    public override string? Lacks(ClauseNeeds needs) => needs switch
    {
        _ when needs.HasFlag(ClauseNeeds.LinuxKernel) => "the emulator has no Linux kernel under its containers",
        _ when needs.HasFlag(ClauseNeeds.Executable) => "the emulator runs in the tests' own process",
        _ when needs.HasFlag(ClauseNeeds.Root) && !Environment.IsPrivilegedProcess => "the tests do not run as root",
        _ => null,
    };

    public override Task<WardenServer> StartAsync(ServerOptions options) => throw new InvalidOperationException();

    public override Task<string> RefuseAsync(ServerOptions options) => throw new InvalidOperationException();
}
