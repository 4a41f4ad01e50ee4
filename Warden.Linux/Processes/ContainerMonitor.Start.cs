using System.Net.Sockets;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Processes;

/// <summary>How a container starts: two barriers, START to CLONED and GO to READY.</summary>
internal sealed partial class ContainerMonitor
{
    private const string ErrorLog = "monitor.log";
    private const int LongestComplaint = 4096;

    private static readonly TimeSpan LongestAbort = TimeSpan.FromSeconds(10);

    /// <summary>Starts a container, up to an init that serves. When it fails no process is left.</summary>
    /// <param name="helper">The program that makes it.</param>
    /// <param name="start">What it is made of.</param>
    /// <param name="afterClone">
    /// Puts the child, whose process id it is given, into its cgroups and gives it its network; returns the path of its cgroup with the
    /// memory controller, or null. The child waits meanwhile.
    /// </param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="WardenException">A step failed.</exception>
    public static async ValueTask<ContainerMonitor> StartAsync(
        HelperProgram helper, ContainerStart start, Func<int, CancellationToken, ValueTask<string?>> afterClone,
        CancellationToken cancellationToken)
    {
        var log = Path.Combine(start.RunDirectory, ErrorLog);
        try
        {
            return await StartAsync(helper, start, log, afterClone, cancellationToken).ConfigureAwait(false);
        }
        catch (MonitorGoneException e)
        {
            throw new WardenException($"Cannot start the container: its monitor ended before it was ready{ReadComplaint(log)}", e);
        }
        catch (InvalidDataException e)
        {
            throw new WardenException($"Cannot start the container: {e.Message}", e);
        }
    }

    private static async ValueTask<ContainerMonitor> StartAsync(
        HelperProgram helper, ContainerStart start, string log, Func<int, CancellationToken, ValueTask<string?>> afterClone,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = StartMessages.Start(start);
        var (ours, theirs) = SocketPair.Create();
        var socket = new MessageSocket(ours);
        HostProcess? monitor = null;
        HostProcess? child = null;
        try
        {
            using (theirs)
            {
                monitor = helper.Start("start", start.Id, theirs, log);
            }

            var cloned = await ExchangeAsync(socket, MessageType.Start, 1, request, MessageType.Cloned, cancellationToken)
                .ConfigureAwait(false);
            var pid = BitConverter.ToInt32(cloned.AtLeast(sizeof(int)));
            child = HostProcess.Open(pid) ?? throw new MonitorGoneException();
            var memoryCgroup = await afterClone(pid, cancellationToken).ConfigureAwait(false);
            var go = StartMessages.Go(memoryCgroup);
            var ready = await ExchangeAsync(socket, MessageType.Go, 2, go, MessageType.Ready, cancellationToken).ConfigureAwait(false);
            return new ContainerMonitor(socket, MonitorState.Decode(ready), monitor, child, start.RunDirectory, start.SyslogSocket);
        }
        catch
        {
            socket.Dispose();
            await AbortAsync(monitor, child).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<MonitorMessage> ExchangeAsync(
        MessageSocket socket, MessageType type, uint tag, byte[] body, MessageType answer, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAsync(type, tag, body).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // What the helper said before its end is worth more than that it takes no more.
        }

        MonitorMessage? message;
        try
        {
            message = await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            throw new MonitorGoneException(e);
        }

        return message switch
        {
            null => throw new MonitorGoneException(),
            { Type: MessageType.Failed } failed => throw MonitorFailure.Decode(failed).OfStart(),
            { } other when other.Type != answer => throw new InvalidDataException($"the monitor sent a {other.Type} instead of a {answer}"),
            { } expected => expected,
        };
    }

    // The connection has ended, which tells the helper to undo what it did; one that does not is made to end.
    private static async Task AbortAsync(HostProcess? monitor, HostProcess? child)
    {
        var ends = Task.WhenAll(monitor?.Ended ?? Task.CompletedTask, child?.Ended ?? Task.CompletedTask);
        try
        {
            await ends.WaitAsync(LongestAbort).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            child?.Kill();
            monitor?.Kill();
            await ends.WaitAsync(LongestEnd).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            child?.Dispose();
            monitor?.Dispose();
        }
    }

    // What the helper wrote to its standard error is all that is known of an end without a word.
    private static string ReadComplaint(string log)
    {
        try
        {
            using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(file.Length, LongestComplaint), SeekOrigin.End);
            using var reader = new StreamReader(file);
            var complaint = reader.ReadToEnd().Trim();
            return complaint.Length > 0 ? $": {complaint}" : "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
