using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// Any server at WARDEN_SOCKET. WARDEN_SERVER_CMD (<c>start CONFIG | drain | crash</c>, 0 when done) lets the clauses that need restarts
/// or a configuration of their own be judged; WARDEN_SERVER_KIND=emulator says that no Linux kernel is under its containers.
/// </summary>
public sealed class ExternalTarget : Target
{
    private static readonly string? SocketPath = Environment.GetEnvironmentVariable("WARDEN_SOCKET");
    private static readonly string? Command = Environment.GetEnvironmentVariable("WARDEN_SERVER_CMD");
    private static readonly bool Emulated = Environment.GetEnvironmentVariable("WARDEN_SERVER_KIND") == "emulator";

    /// <summary>There is one socket: its test classes share a collection and take turns. This is the server that runs now.</summary>
    private ExternalServer? _current;

    private bool _currentIsShared;

    public static ExternalTarget Instance { get; } = new();

    public override string Name => "External";

    public override string? Unavailable =>
        string.IsNullOrEmpty(SocketPath) ? "WARDEN_SOCKET is not set: there is no external server to judge" : null;

    public override string? Lacks(ClauseNeeds needs) => needs switch
    {
        _ when (needs & (ClauseNeeds.OwnConfiguration | ClauseNeeds.Restart)) != 0 && string.IsNullOrEmpty(Command) =>
            "WARDEN_SERVER_CMD is not set: the external server cannot be configured or restarted",
        _ when (needs & (ClauseNeeds.Executable | ClauseNeeds.InProcess)) != 0 => "the external server's executable is not known",
        _ when needs.HasFlag(ClauseNeeds.LinuxKernel) && Emulated => "WARDEN_SERVER_KIND is emulator",
        _ when needs.HasFlag(ClauseNeeds.Root) && !Environment.IsPrivilegedProcess => "the tests do not run as root",
        _ => null,
    };

    public override async Task<WardenServer> StartAsync(ServerOptions options)
    {
        await EndAsync();
        _current = new ExternalServer(SocketPath!, Command!, options.Configuration);
        await _current.StartAsync();
        return _current;
    }

    public override async Task<string> RefuseAsync(ServerOptions options)
    {
        await EndAsync();
        await using var server = new ExternalServer(SocketPath!, Command!, options.Configuration);
        var (status, text) = await server.CommandAsync("start");
        Xunit.Assert.NotEqual(0, status);
        return text;
    }

    public override async Task<WardenServer> SharedAsync()
    {
        if (string.IsNullOrEmpty(Command))
        {
            return _current ??= new ExternalServer(SocketPath!, "", "");
        }

        if (!_currentIsShared)
        {
            await StartAsync(new ServerOptions(ServerOptions.WidePools));
            _currentIsShared = true;
        }

        return _current!;
    }

    public override async Task EndAsync()
    {
        if (!string.IsNullOrEmpty(Command) && _current is { } server)
        {
            _currentIsShared = false;
            _current = null;
            await server.DrainIfRunningAsync();
            await server.DisposeAsync();
        }
    }
}
