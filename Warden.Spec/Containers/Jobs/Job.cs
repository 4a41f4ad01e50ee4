using Google.Protobuf;
using Warden.Spec.Backend;

namespace Warden.Spec.Containers.Jobs;

/// <summary>A job as its container keeps it. The container's lock guards what has a setter.</summary>
internal sealed class Job
{
    private readonly Lock _lock = new();
    private IBackendJob? _backendJob;
    private Task<JobText>? _text;
    private bool _forgotten;

    public Job(uint id, bool privileged, bool discardOutput, string? logTag)
    {
        Id = id;
        Privileged = privileged;
        DiscardOutput = discardOutput;
        LogTag = logTag;
    }

    public uint Id { get; }

    public bool Privileged { get; }

    public bool DiscardOutput { get; }

    public string? LogTag { get; }

    /// <summary>Links and streams under way.</summary>
    public int Waiters { get; set; }

    /// <summary>Answers that are being written.</summary>
    public int Deliveries { get; set; }

    /// <summary>Completes when an answer was written or was not; made for those who came while it was being written.</summary>
    public TaskCompletionSource? DeliveryEnded { get; set; }

    /// <summary>Whether a waiter's answer was written; new ones find no such job.</summary>
    public bool IsConsumed { get; set; }

    /// <summary>Completes when the job has ended and its events are in its container; never fails. Set once it was started.</summary>
    public Task<JobEnd>? End { get; private set; }

    /// <summary>Whether it was started, which makes it a job that clients see.</summary>
    public bool IsStarted => End is not null;

    public bool IsRunning => End is { IsCompleted: false };

    public void Started(IBackendJob backendJob, Task<JobEnd> end)
    {
        _backendJob = backendJob;
        End = end;
    }

    /// <summary>Everything the job has printed, put together once for all that wait.</summary>
    public Task<JobText> ReadAllAsync(CancellationToken cancellationToken)
    {
        if (DiscardOutput)
        {
            return JobText.None;
        }

        lock (_lock)
        {
            return _text is { IsFaulted: false, IsCanceled: false } text
                ? text
                : _text = JobText.ReadAsync(_backendJob!.Output, cancellationToken);
        }
    }

    public ValueTask<OutputChunk> ReadAsync(OutputPosition position, int maxBytes, CancellationToken cancellationToken) =>
        _backendJob!.Output.ReadAsync(position, maxBytes, cancellationToken);

    /// <summary>The last waiter has gone: what was put together for it is dropped.</summary>
    public void DropText()
    {
        lock (_lock)
        {
            _text = null;
        }
    }

    /// <summary>Drops the job in the backend; its result was delivered.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            if (_forgotten)
            {
                return;
            }

            _forgotten = true;
        }

        _backendJob?.Forget();
    }
}

/// <summary>All that a job printed.</summary>
internal sealed record JobText(ByteString Stdout, ByteString Stderr)
{
    private const int LargestChunk = 1 << 20;

    public static readonly Task<JobText> None = Task.FromResult(new JobText(ByteString.Empty, ByteString.Empty));

    public static async Task<JobText> ReadAsync(IJobOutput output, CancellationToken cancellationToken)
    {
        List<ReadOnlyMemory<byte>>? stdout = null;
        List<ReadOnlyMemory<byte>>? stderr = null;
        OutputPosition position = default;
        while (true)
        {
            var chunk = await output.ReadAsync(position, LargestChunk, cancellationToken).ConfigureAwait(false);
            if (chunk.IsEnd)
            {
                return new JobText(Concatenate(stdout), Concatenate(stderr));
            }

            (chunk.Stream == OutputStream.Stderr ? stderr ??= [] : stdout ??= []).Add(chunk.Data);
            position = chunk.Next;
        }
    }

    private static ByteString Concatenate(List<ReadOnlyMemory<byte>>? chunks)
    {
        if (chunks is null)
        {
            return ByteString.Empty;
        }

        // A chunk's memory stays unchanged, so it travels without a copy.
        if (chunks.Count == 1)
        {
            return UnsafeByteOperations.UnsafeWrap(chunks[0]);
        }

        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)chunks.Sum(chunk => (long)chunk.Length)));
        var length = 0;
        foreach (var chunk in chunks)
        {
            chunk.Span.CopyTo(bytes.AsSpan(length));
            length += chunk.Length;
        }

        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
