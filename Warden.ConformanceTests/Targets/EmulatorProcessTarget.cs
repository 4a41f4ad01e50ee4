using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Targets;

/// <summary>The emulator's executable, through its socket.</summary>
public sealed class EmulatorProcessTarget : Target
{
    public static EmulatorProcessTarget Instance { get; } = new();

    public override string Name => "EmulatorProcess";

    public override string? Lacks(ClauseNeeds needs) => needs switch
    {
        _ when needs.HasFlag(ClauseNeeds.LinuxKernel) => "the emulator has no Linux kernel under its containers",
        _ when needs.HasFlag(ClauseNeeds.InProcess) => "the emulator runs in a process of its own",
        _ when needs.HasFlag(ClauseNeeds.Root) && !Environment.IsPrivilegedProcess => "the tests do not run as root",
        _ => null,
    };

    public override async Task<WardenServer> StartAsync(ServerOptions options) => await EmulatorProcess.StartAsync(options);

    public override async Task<string> RefuseAsync(ServerOptions options)
    {
        using var directory = new Support.TemporaryDirectory();
        var (status, output, error) = await EmulatorExecutable.Instance.RunAsync(
            "", "serve", "--socket", "auto", "--supervised", "--config", directory.Write("warden.yml", options.Configuration));
        Xunit.Assert.NotEqual(0, status);
        Xunit.Assert.Equal("", output);
        return error;
    }
}
