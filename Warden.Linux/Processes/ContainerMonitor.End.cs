using Warden.Spec;

namespace Warden.Linux.Processes;

/// <summary>How a container ends.</summary>
internal sealed partial class ContainerMonitor
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    /// <summary>Ends init, and the monitor. Every job has ended when it returns. May be called again.</summary>
    /// <exception cref="WardenException">A process did not end.</exception>
    public async ValueTask TerminateAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _terminating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_gone.IsCompleted)
            {
                await AskForEndAsync(cancellationToken).ConfigureAwait(false);

                // Whatever the monitor has done by now, the end of the connection ends what is left.
                _connection.Shutdown();
                await _gone.WaitAsync(LongestEnd, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TimeoutException e)
        {
            throw new WardenException($"Processes of the container did not end within {LongestEnd.TotalSeconds:0} seconds after KILL", e);
        }
        finally
        {
            _terminating.Release();
        }
    }

    /// <summary>
    /// Kills what a container's directory still names: its monitor and its init. Nothing happens when they are gone.
    /// </summary>
    /// <exception cref="WardenException">A process did not end.</exception>
    public static async ValueTask KillRemainsAsync(string runDirectory, CancellationToken cancellationToken)
    {
        using var init = ProcessFile.Open(Path.Combine(runDirectory, "init.pid"));
        using var monitor = ProcessFile.Open(Path.Combine(runDirectory, "monitor.pid"));
        init?.Kill();
        monitor?.Kill();
        try
        {
            await Task.WhenAll(init?.Ended ?? Task.CompletedTask, monitor?.Ended ?? Task.CompletedTask)
                .WaitAsync(LongestEnd, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new WardenException($"Processes of the container did not end within {LongestEnd.TotalSeconds:0} seconds after KILL", e);
        }
    }

    private async Task AskForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connection.CallAsync(MessageType.Terminate, default).WaitAsync(LongestAnswer, cancellationToken).ConfigureAwait(false);
            if (_monitor is not null)
            {
                await _monitor.Ended.WaitAsync(LongestAnswer, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is TimeoutException or MonitorGoneException)
        {
            // A monitor that does not end by itself is ended.
        }
    }
}
