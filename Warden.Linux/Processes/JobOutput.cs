using Microsoft.Win32.SafeHandles;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>
/// A job's output as its readers follow it in the log on disk. What was read last is kept, so that a log of many small records costs no
/// system call each; readers get slices of it, or copies where that joins small records.
/// </summary>
internal sealed class JobOutput : IJobOutput
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Task _ended;
    private readonly Func<long, Task<long>> _watch;
    private SafeFileHandle? _file;
    private volatile LogBlock? _block;
    private Task _growth = Task.CompletedTask;
    private long _growthAfter = -1;
    private long _knownSize;

    /// <summary>Creates the output.</summary>
    /// <param name="path">The log.</param>
    /// <param name="ended">Completes when the log is complete.</param>
    /// <param name="watch">Completes, with the log's size, when it is longer than that or complete.</param>
    public JobOutput(string path, Task ended, Func<long, Task<long>> watch)
    {
        _path = path;
        _ended = ended;
        _watch = watch;
    }

    /// <inheritdoc/>
    public ValueTask<OutputChunk> ReadAsync(OutputPosition position, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return TryRead(position, maxBytes, out var chunk, out var size)
            ? new(chunk)
            : WaitAndReadAsync(position, maxBytes, size, cancellationToken);
    }

    /// <summary>Lets go of the file; a later read opens it again.</summary>
    public void Close()
    {
        _block = null;
        Interlocked.Exchange(ref _file, null)?.Dispose();
    }

    private async ValueTask<OutputChunk> WaitAndReadAsync(
        OutputPosition position, int maxBytes, long size, CancellationToken cancellationToken)
    {
        while (true)
        {
            _block = null;
            await GrowthAfter(size).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (TryRead(position, maxBytes, out var chunk, out size))
            {
                return chunk;
            }
        }
    }

    // However many readers wait, and however often they give up, the monitor is asked once.
    private Task GrowthAfter(long size)
    {
        lock (_lock)
        {
            if (_knownSize > size)
            {
                return Task.CompletedTask;
            }

            if (!_growth.IsCompleted)
            {
                return _growthAfter > size ? Task.CompletedTask : _growth;
            }

            _growthAfter = size;
            return _growth = WatchAsync(size);
        }
    }

    private async Task WatchAsync(long size)
    {
        // Outside of the lock that this is called in.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var grown = await _watch(size).ConfigureAwait(false);
        lock (_lock)
        {
            _knownSize = Math.Max(_knownSize, grown);
        }
    }

    private bool TryRead(OutputPosition position, int maxBytes, out OutputChunk chunk, out long size)
    {
        // Before the file is looked at: what has ended has all of its output there.
        var isComplete = _ended.IsCompleted;
        size = 0;
        chunk = default;
        var at = LogPosition.Of(position);
        var block = _block;
        var isRead = block is not null && block.TryTake(at, maxBytes, isLast: false, out chunk);
        if (!isRead)
        {
            block = Load(at, maxBytes, isComplete);
            size = block?.FileSize ?? 0;
            isRead = block is not null && block.TryTake(at, maxBytes, isLast: true, out chunk);
        }

        if (isRead)
        {
            _block = block;
            if (chunk.IsEnd)
            {
                Close();
            }

            return true;
        }

        chunk = new(OutputStream.Stdout, default, position);
        return isComplete;
    }

    private LogBlock? Load(LogPosition at, int maxBytes, bool isComplete)
    {
        while (true)
        {
            var file = _file ?? Open();
            if (file is null)
            {
                return null;
            }

            try
            {
                return LogBlock.Load(file, at, maxBytes, isComplete, _path);
            }
            catch (ObjectDisposedException)
            {
                // Another reader came to the end and closed it.
                Interlocked.CompareExchange(ref _file, null, file);
            }
        }
    }

    private SafeFileHandle? Open()
    {
        if (JobLog.Open(_path) is not { } opened)
        {
            return null;
        }

        if (Interlocked.CompareExchange(ref _file, opened, null) is { } other)
        {
            opened.Dispose();
            return other;
        }

        return opened;
    }
}
