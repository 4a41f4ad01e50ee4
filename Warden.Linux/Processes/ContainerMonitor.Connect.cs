using System.Net.Sockets;
using Warden.Linux.Interop;

namespace Warden.Linux.Processes;

/// <summary>How a later server takes a container over.</summary>
internal sealed partial class ContainerMonitor
{
    private const string SocketName = "monitor.sock";

    private static readonly TimeSpan LongestGreeting = TimeSpan.FromSeconds(10);

    /// <summary>Connects to the monitor of a container that an earlier server made; null when it or init is gone.</summary>
    /// <exception cref="IOException">The monitor does not answer, or in another version of its protocol.</exception>
    public static async ValueTask<ContainerMonitor?> ConnectAsync(
        string runDirectory, string? syslogSocket, CancellationToken cancellationToken)
    {
        var socket = await OpenAsync(runDirectory, cancellationToken).ConfigureAwait(false);
        if (socket is null)
        {
            return null;
        }

        HostProcess? monitor = null;
        HostProcess? init = null;
        var messages = new MessageSocket(socket);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(LongestGreeting);
            await messages.SendAsync(MessageType.Hello, 1, default).ConfigureAwait(false);
            if (await messages.ReceiveAsync(patience.Token).ConfigureAwait(false) is not { Type: MessageType.State } answer)
            {
                messages.Dispose();
                return null;
            }

            var state = MonitorState.Decode(answer);
            monitor = HostProcess.Open(state.MonitorPid);
            init = state.InitAlive ? HostProcess.Open(state.InitPid) : null;
            if (monitor is not null && init is not null)
            {
                return new ContainerMonitor(messages, state, monitor, init, runDirectory, syslogSocket);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            messages.Dispose();
            throw new IOException($"The container's monitor at {runDirectory} does not answer");
        }
        catch (InvalidDataException e)
        {
            messages.Dispose();
            throw new IOException(e.Message, e);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            // It ended while it was asked.
        }
        catch
        {
            messages.Dispose();
            throw;
        }

        monitor?.Dispose();
        init?.Dispose();
        messages.Dispose();
        return null;
    }

    // A socket's address has room for 108 bytes (unix(7)); the directory's path may be longer, so it is named by a descriptor.
    private static async ValueTask<Socket?> OpenAsync(string runDirectory, CancellationToken cancellationToken)
    {
        using var directory = DirectoryHandle.Open(runDirectory);
        if (directory is null)
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var address = new UnixDomainSocketEndPoint($"/proc/self/fd/{directory.DangerousGetHandle()}/{SocketName}");
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
