using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>
/// Reads of one byte that may be given up. A read that is under way when its time is over goes on, and the next one from the same file
/// takes its byte, so that nothing is lost.
/// </summary>
internal sealed class PendingReads
{
    private readonly Dictionary<OpenFile, (Task<int> Task, byte[] Buffer)> _pending = [];

    /// <summary>Reads a byte; null when the time is over.</summary>
    public ValueTask<int?> ReadAsync(Process process, int fd, byte[] buffer, DateTimeOffset? deadline)
    {
        if (deadline is null && _pending.Count == 0)
        {
            var read = process.ReadAsync(fd, buffer);
            return read.IsCompletedSuccessfully ? new(read.Result) : AwaitAsync(read);
        }

        return ReadSlowAsync(process, fd, buffer, deadline);
    }

    private static async ValueTask<int?> AwaitAsync(ValueTask<int> read) => await read;

    private async ValueTask<int?> ReadSlowAsync(Process process, int fd, byte[] buffer, DateTimeOffset? deadline)
    {
        var file = process.GetFile(fd);
        if (!_pending.Remove(file, out var read))
        {
            var own = new byte[1];
            read = (process.ReadAsync(fd, own).AsTask(), own);
        }

        if (deadline is { } end && !read.Task.IsCompleted)
        {
            var left = end - process.Clock.GetUtcNow();
            using var stop = new CancellationTokenSource();
            var timer = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, process.Clock, stop.Token);
            await process.WaitForAsync(Task.WhenAny(read.Task, timer));
            await stop.CancelAsync();
            if (!read.Task.IsCompleted)
            {
                _pending[file] = read;
                return null;
            }
        }

        var count = await read.Task;
        buffer[0] = read.Buffer[0];
        return count;
    }
}
