using System.Net;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;

namespace Warden.ConformanceTests.Targets;

/// <summary>A running server. It can be drained or crashed and started again over the same containers.</summary>
public abstract class WardenServer : IAsyncDisposable
{
    public abstract string SocketPath { get; }

    /// <summary>The TCP address, where one was asked for.</summary>
    public virtual IPEndPoint? TcpEndPoint => null;

    /// <summary>The process that serves, where it is not the test's own and can be measured.</summary>
    public virtual int? ProcessId => null;

    /// <summary>What the server has logged so far, where its log is the tests' to read.</summary>
    public virtual string Log => "";

    /// <summary>The server's process as it numbers itself.</summary>
    public virtual int? ReportedProcessId => ProcessId;

    /// <summary>The address of the server's host that the world outside sees, where it is known.</summary>
    public virtual IPAddress? ExternalAddress => null;

    /// <summary>A TCP service beyond the host, where one is known: WARDEN_OUTSIDE, as ADDRESS:PORT.</summary>
    public virtual IPEndPoint? OutsideService =>
        IPEndPoint.TryParse(Environment.GetEnvironmentVariable("WARDEN_OUTSIDE") ?? "", out var endPoint) ? endPoint : null;

    /// <summary>A path of the server's host as the tests reach it.</summary>
    public virtual string PathOf(string path) => path;

    /// <summary>An IPv4 socket on the server's host.</summary>
    public virtual Socket NewSocket(SocketType type, ProtocolType protocol) => new(AddressFamily.InterNetwork, type, protocol);

    /// <summary>An IPv4 socket in the world outside, or null where the tests are not there.</summary>
    public virtual Socket? NewOutsideSocket(SocketType type, ProtocolType protocol) => null;

    public Task<WireConnection> ConnectAsync() => WireConnection.ConnectAsync(SocketPath);

    /// <summary>Asks the server to drain and returns at once.</summary>
    public abstract Task BeginDrainAsync();

    /// <summary>Ends the server without a drain.</summary>
    public abstract Task CrashAsync();

    /// <summary>Starts it again over the same containers.</summary>
    public abstract Task StartAsync();

    /// <summary>Drains the server and returns when it accepts no more.</summary>
    public virtual async Task DrainAsync()
    {
        await BeginDrainAsync();
        await WaitUntilGoneAsync();
    }

    public async Task RestartAsync(bool crash)
    {
        await (crash ? CrashAsync() : DrainAsync());
        await StartAsync();
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Returns when nothing accepts at the socket.</summary>
    public Task WaitUntilGoneAsync() => Deadline.UntilAsync("the server accepts no more", async () =>
    {
        try
        {
            await using var connection = await ConnectAsync();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });
}
