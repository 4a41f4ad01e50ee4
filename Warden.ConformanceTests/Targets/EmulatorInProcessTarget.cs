using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Targets;

/// <summary>The emulator started by the tests, in their own process.</summary>
public sealed class EmulatorInProcessTarget : Target
{
    public static EmulatorInProcessTarget Instance { get; } = new();

    public override string Name => "EmulatorInProcess";

    public override string? Lacks(ClauseNeeds needs) => needs switch
    {
        _ when needs.HasFlag(ClauseNeeds.LinuxKernel) => "the emulator has no Linux kernel under its containers",
        _ when needs.HasFlag(ClauseNeeds.Executable) => "the emulator runs in the tests' own process",
        _ when needs.HasFlag(ClauseNeeds.Root) && !Environment.IsPrivilegedProcess => "the tests do not run as root",
        _ => null,
    };

    public override async Task<WardenServer> StartAsync(ServerOptions options) => await EmulatorInProcess.StartAsync(options);

    public override async Task<string> RefuseAsync(ServerOptions options)
    {
        var refusal = await Xunit.Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = await EmulatorInProcess.StartAsync(options);
        });
        return refusal.Message;
    }
}
