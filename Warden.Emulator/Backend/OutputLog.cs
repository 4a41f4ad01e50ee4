using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>
/// What a job has printed, in order of arrival, in segments that are written once and never move: readers get slices of them
/// without a copy, and an append disturbs no reader.
/// </summary>
internal sealed class OutputLog : IJobOutput
{
    private const int SmallestSegment = 256;

    // Large enough that a loud job's output lies on the large object heap, where the collector does not copy it.
    private const int LargestSegment = 1 << 20;

    private readonly Lock _lock = new();
    private readonly List<Segment> _segments = [];
    private long _length;
    private bool _complete;
    private TaskCompletionSource? _changed;

    /// <summary>Adds bytes to a stream's output, as many as fit under the limit of both; false when some did not.</summary>
    public bool Append(OutputStream stream, ReadOnlySpan<byte> data, long limit = long.MaxValue)
    {
        TaskCompletionSource? changed;
        bool fits;
        lock (_lock)
        {
            fits = data.Length <= limit - _length;
            if (!fits)
            {
                data = data[..(int)Math.Max(limit - _length, 0)];
            }

            while (!data.IsEmpty && !_complete)
            {
                var segment = SegmentFor(stream, data.Length);
                var count = Math.Min(data.Length, segment.Buffer.Length - segment.Length);
                data[..count].CopyTo(segment.Buffer.AsSpan(segment.Length));
                segment.Length += count;
                _length += count;
                data = data[count..];
            }

            (changed, _changed) = (_changed, null);
        }

        changed?.SetResult();
        return fits;
    }

    /// <summary>No more will come.</summary>
    public void Complete()
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            _complete = true;
            (changed, _changed) = (_changed, null);
        }

        changed?.SetResult();
    }

    /// <inheritdoc/>
    public ValueTask<OutputChunk> ReadAsync(OutputPosition position, int maxBytes, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_lock)
        {
            if (TryRead(position, maxBytes, out var chunk))
            {
                return new(chunk);
            }

            changed = Changed();
        }

        return WaitAndReadAsync(position, maxBytes, changed, cancellationToken);
    }

    private async ValueTask<OutputChunk> WaitAndReadAsync(
        OutputPosition position, int maxBytes, Task changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (TryRead(position, maxBytes, out var chunk))
                {
                    return chunk;
                }

                changed = Changed();
            }
        }
    }

    private Task Changed() =>
        (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private bool TryRead(OutputPosition position, int maxBytes, out OutputChunk chunk)
    {
        var at = position.Value;
        var index = _segments.Count - 1;
        if (index < 0 || at >= _length)
        {
            chunk = new(OutputStream.Stdout, default, position);
            return _complete;
        }

        if (at < _segments[index].Start)
        {
            index = IndexOf(at);
        }

        var segment = _segments[index];
        var offset = (int)(at - segment.Start);
        var count = Math.Min(maxBytes, segment.Length - offset);
        chunk = new(segment.Stream, segment.Buffer.AsMemory(offset, count), new(at + count));
        return true;
    }

    private int IndexOf(long at)
    {
        var (low, high) = (0, _segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _segments[middle].Start <= at ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private Segment SegmentFor(OutputStream stream, int wanted)
    {
        var last = _segments.Count > 0 ? _segments[^1] : null;
        var follows = last is not null && last.Stream == stream;
        if (follows && last!.Length < last.Buffer.Length)
        {
            return last;
        }

        // Segments grow with an uninterrupted run of one stream: a short one costs little, a long one has few of them, and streams
        // that take turns waste at most as much as they print.
        var size = Math.Clamp(Math.Max(follows ? 2L * last!.Buffer.Length : 0, wanted), SmallestSegment, LargestSegment);
        var segment = new Segment(stream, _length, GC.AllocateUninitializedArray<byte>((int)size));
        _segments.Add(segment);
        return segment;
    }

    private sealed class Segment(OutputStream stream, long start, byte[] buffer)
    {
        public OutputStream Stream { get; } = stream;

        public long Start { get; } = start;

        public byte[] Buffer { get; } = buffer;

        public int Length { get; set; }
    }
}
