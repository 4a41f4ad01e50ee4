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
    /// Puts the child, whose process id it is given, into its cgroups and gives it its network; returns the path of its memory cgroup of
    /// version 1, or null. The child waits meanwhile.
    /// </param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="WardenException">A step failed.</exception>
    public static async ValueTask<ContainerMonitor> StartAsync(
        HelperProgram helper, ContainerStart start, Func<int, CancellationToken, ValueTask<string?>> afterClone,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = StartMessages.Start(start);
        var log = Path.Combine(start.RunDirectory, ErrorLog);
        var (ours, theirs) = SocketPair.Create();
        var socket = new MessageSocket(ours);
        HostProcess? monitor = null;
        HostProcess? child = null;
        try
        {
            using (theirs)
            {
                monitor = helper.Start("start", theirs, log);
            }

            await socket.SendAsync(MessageType.Start, 1, request).ConfigureAwait(false);
            var cloned = Expect(await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false), MessageType.Cloned, log);
            var pid = BitConverter.ToInt32(cloned.AtLeast(sizeof(int)));
            child = HostProcess.Open(pid)
                ?? throw new WardenException("Cannot start the container: its init ended before it was set up");

            var memoryCgroup = await afterClone(pid, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(MessageType.Go, 2, StartMessages.Go(memoryCgroup)).ConfigureAwait(false);
            var ready = Expect(await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false), MessageType.Ready, log);
            return new ContainerMonitor(socket, MonitorState.Decode(ready), monitor, child, start.RunDirectory, start.SyslogSocket);
        }
        catch (Exception e)
        {
            socket.Dispose();
            theirs.Dispose();
            await AbortAsync(monitor, child).ConfigureAwait(false);
            throw e switch
            {
                SocketException or EndOfStreamException => Died(log, e),
                InvalidDataException => new WardenException($"Cannot start the container: {e.Message}", e),
                _ => System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetCurrentStackTrace(e),
            };
        }
    }

    private static MonitorMessage Expect(MonitorMessage? message, MessageType type, string log) => message switch
    {
        null => throw Died(log, null),
        { } answer when answer.Type == type => answer,
        { Type: MessageType.Failed } failed => throw MonitorFailure.Decode(failed).OfStart(),
        { } other => throw new InvalidDataException($"the monitor sent a {other.Type} instead of a {type}"),
    };

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
    private static WardenException Died(string log, Exception? cause)
    {
        var complaint = "";
        try
        {
            using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(file.Length, LongestComplaint), SeekOrigin.End);
            using var reader = new StreamReader(file);
            complaint = reader.ReadToEnd().Trim();
        }
        catch (IOException)
        {
            // It wrote none.
        }

        var message = $"Cannot start the container: its monitor ended before it was ready{(complaint.Length > 0 ? $": {complaint}" : "")}";
        return cause is null ? new WardenException(message) : new WardenException(message, cause);
    }
}
