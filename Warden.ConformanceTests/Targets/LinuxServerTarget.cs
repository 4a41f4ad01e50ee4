using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Targets;

/// <summary>The Linux server's executable, each server on a host made for it, on whatever machine.</summary>
public abstract class LinuxServerTarget : Target
{
    private readonly LinuxSite _site;

    private protected LinuxServerTarget(LinuxSite site)
    {
        _site = site;
        Executable = new LinuxExecutable(site);
    }

    public override TargetExecutable Executable { get; }

    /// <summary>Each has a host to make and a runtime to start, on machines of two cores.</summary>
    protected override int UsuallyMany => 8;

    public override string? Lacks(ClauseNeeds needs) => needs switch
    {
        _ when needs.HasFlag(ClauseNeeds.InProcess) => "the Linux server runs in a process of its own",
        _ when needs.HasFlag(ClauseNeeds.Supervision) => "real containers outlive their server: nothing ends with its standard input",
        _ => null,
    };

    public override async Task<string?> CountsRootsWritesAsync() =>
        (await _site.CurrentAsync()).IsBtrfs ? "a quota group of btrfs counts what is written, whoever writes it" : null;

    public override async Task<string?> OtherRootfsAsync() => await (await _site.CurrentAsync()).OtherRootfsAsync();

    public override async Task<string?> WithoutDiskLimitsAsync() => (await _site.CurrentAsync()).WithoutQuotas;

    public override async Task<WardenServer> StartAsync(ServerOptions options) => await LinuxServer.StartAsync(options, _site);

    public override async Task<string> RefuseAsync(ServerOptions options)
    {
        using var directory = new Support.TemporaryDirectory();
        var (status, output, error) = await Executable.RunAsync(
            "", "serve", "--socket", "auto", "--config", directory.Write("warden.yml", options.Configuration));
        Xunit.Assert.NotEqual(0, status);
        Xunit.Assert.Equal("", output);
        return error;
    }

    public override async Task EndAsync()
    {
        try
        {
            await base.EndAsync();
        }
        finally
        {
            await _site.EndAsync();
        }
    }
}
