using System.Net;
using System.Net.Sockets;
using Warden.Spec.Client;
using Warden.Spec.Server.Connections;

namespace Warden.Spec.Capture;

/// <summary>
/// Stands between clients and a server of the protocol, hands the bytes of both on as they are and when they come, and records the
/// session as a transcript: a file with a line of JSON for each thing that happened, which is usable at any time.
/// </summary>
public sealed class CaptureProxy : IAsyncDisposable
{
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);

    private readonly WardenEndpoint _server;
    private readonly Socket _listener;
    private readonly string? _socketPath;
    private readonly SessionRecorder _recorder;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _disposed;

    private CaptureProxy(CaptureOptions options, Socket listener, SessionRecorder recorder)
    {
        _server = options.Server;
        _socketPath = options.Listen.SocketPath;
        _listener = listener;
        _recorder = recorder;
        _accepting = AcceptAsync();
    }

    /// <summary>Fails when the transcript can no longer be written; else completes with the capture.</summary>
    public Task Completion => _recorder.Completion;

    /// <summary>Begins; connections are taken when it returns.</summary>
    /// <param name="options">What to stand between.</param>
    /// <exception cref="WardenException">The listener's address is taken or is none.</exception>
    /// <exception cref="IOException">The transcript cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The transcript may not be made.</exception>
    public static CaptureProxy Start(CaptureOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var listener = Listen(options);
        try
        {
            return new CaptureProxy(options, listener, new SessionRecorder(Create(options.TranscriptPath), options.TimeProvider));
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Closes every connection and the transcript.</summary>
    /// <exception cref="IOException">The transcript could not be written to its end.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        if (_socketPath is not null)
        {
            File.Delete(_socketPath);
        }

        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
        await _recorder.DisposeAsync().ConfigureAwait(false);
    }

    private static Socket Listen(CaptureOptions options)
    {
        if (options.Listen.SocketPath is { } path)
        {
            return UnixListener.Listen(path, ModeOf(options.Server));
        }

        if (!IPAddress.TryParse(options.Listen.Host == "localhost" ? "127.0.0.1" : options.Listen.Host, out var address))
        {
            throw new WardenException($"the capture listens on a Unix socket or on an address, not on '{options.Listen.Host}'");
        }

        return TcpListening.Listen(new IPEndPoint(address, options.Listen.Port));
    }

    // Whoever may connect to the server may connect here, and nobody else.
    private static int ModeOf(WardenEndpoint server)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return (int)(!OperatingSystem.IsWindows() && server.SocketPath is { } path && File.Exists(path) ? File.GetUnixFileMode(path) : OwnerOnly);
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(new CapturedConnection(client, _server, _recorder).RunAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException)
            {
                // Too many open files, or a client that was gone before it was accepted.
                await Task.Delay(AcceptRetry, CancellationToken.None).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
    }
}
