using System.Net;
using Warden.Emulator;

namespace Warden.ConformanceTests.Targets;

/// <summary>One emulator in the tests' own process.</summary>
public sealed class EmulatorInProcess : WardenServer
{
    private readonly WardenEmulator _emulator;
    private Task _draining = Task.CompletedTask;

    private EmulatorInProcess(WardenEmulator emulator) => _emulator = emulator;

    public override string SocketPath => _emulator.SocketPath;

    public override IPEndPoint? TcpEndPoint => _emulator.TcpEndPoint;

    public static async Task<EmulatorInProcess> StartAsync(ServerOptions options) => new(await WardenEmulator.StartAsync(new WardenEmulatorOptions
    {
        ConfigurationText = options.Configuration.Length > 0 ? options.Configuration : null,
        TcpEndPoint = options.Tcp ? new IPEndPoint(IPAddress.Loopback, 0) : null,
    }));

    public override Task BeginDrainAsync()
    {
        // A drain ends with its last request, for which the test may be about to make room.
        _draining = Task.Run(() => _emulator.StopServerAsync(crash: false));
        return Task.CompletedTask;
    }

    public override Task CrashAsync() => _emulator.StopServerAsync(crash: true);

    public override async Task StartAsync()
    {
        await _draining;
        await _emulator.StartServerAsync(CancellationToken.None);
    }

    public override async ValueTask DisposeAsync()
    {
        await _draining;
        await _emulator.DisposeAsync();
    }
}
