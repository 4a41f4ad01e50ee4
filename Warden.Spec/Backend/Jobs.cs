namespace Warden.Spec.Backend;

/// <summary>A job to start (protocol.md §4).</summary>
public sealed record JobSpec
{
    /// <summary>The id, unique over the whole server.</summary>
    public required uint Id { get; init; }

    /// <summary>Standard input of /bin/bash.</summary>
    public required ReadOnlyMemory<byte> Script { get; init; }

    /// <summary>As root instead of vcap.</summary>
    public bool Privileged { get; init; }

    /// <summary>The limits in force, soft and hard alike: every one of the 15, after the overlays.</summary>
    public required ResourceLimitSet Limits { get; init; }

    /// <summary>Drop the output; no output limit applies then.</summary>
    public bool DiscardOutput { get; init; }

    /// <summary>Bytes of stdout and stderr together after which the job is killed; null means no limit.</summary>
    public long? OutputLimit { get; init; }

    /// <summary>The tag under which every line also goes to syslog; null means none.</summary>
    public string? LogTag { get; init; }

    /// <summary>The value of LANG in the job's environment.</summary>
    public required string Language { get; init; }
}

/// <summary>A job that was started and not forgotten.</summary>
public interface IBackendJob
{
    /// <summary>The id.</summary>
    uint Id { get; }

    /// <summary>
    /// Completes when the script's process has exited and everything that was in the job's pipes then is in <see cref="Output"/>. What it left
    /// running in the background goes on; what that prints later is no output of the job's. Never fails. What waits for it may run on the
    /// thread that completes it, so it is completed outside of the backend's locks.
    /// </summary>
    Task<JobEnd> Ended { get; }

    /// <summary>Everything the job has printed, in order of arrival.</summary>
    IJobOutput Output { get; }

    /// <summary>
    /// Drops the job's output and status: its result was delivered. From then on <see cref="IContainerProcesses.FindJobAsync"/> does not find
    /// it. Memory that was read from its output stays valid. Called once, maybe when the container is already destroyed.
    /// </summary>
    void Forget();
}

/// <summary>How a job ended.</summary>
/// <param name="ExitStatus">0 to 255; 255 for a job that a signal ended or whose status is unknown.</param>
/// <param name="OutputLimitExceeded">Whether it was killed for what it printed.</param>
/// <param name="OutputNotStored">Whether a part of its output is lost because it could not be stored, as on a full disk.</param>
public readonly record struct JobEnd(int ExitStatus, bool OutputLimitExceeded, bool OutputNotStored = false);

/// <summary>Which of a job's two streams.</summary>
public enum OutputStream
{
    /// <summary>Standard output.</summary>
    Stdout = 1,

    /// <summary>Standard error.</summary>
    Stderr = 2,
}

/// <summary>
/// A job's output as a log that any number of readers follow, each at its own position. Reading takes nothing away.
/// </summary>
public interface IJobOutput
{
    /// <summary>
    /// Reads from a position on. Waits until there is something after it. Returns a chunk of one stream, never empty, at most
    /// <paramref name="maxBytes"/> long, whose memory stays valid and unchanged; or the end, an empty chunk, when the job has ended and
    /// the position is behind its last byte. Consecutive writes to one stream may come as one chunk.
    /// </summary>
    ValueTask<OutputChunk> ReadAsync(OutputPosition position, int maxBytes, CancellationToken cancellationToken);
}

/// <summary>A place in a job's output; the default is its beginning. Its value means something to the backend alone.</summary>
/// <param name="Value">Opaque.</param>
public readonly record struct OutputPosition(long Value);

/// <summary>A piece of one stream.</summary>
/// <param name="Stream">Which stream.</param>
/// <param name="Data">The bytes; empty at the end.</param>
/// <param name="Next">The position behind them.</param>
public readonly record struct OutputChunk(OutputStream Stream, ReadOnlyMemory<byte> Data, OutputPosition Next)
{
    /// <summary>Whether the output has ended.</summary>
    public bool IsEnd => Data.IsEmpty;
}

/// <summary>The resource limits of protocol.md §2, in its order.</summary>
public enum ResourceLimit
{
#pragma warning disable CS1591 // The names are setrlimit(2)'s.
    As, Core, Cpu, Data, Fsize, Locks, Memlock, Msgqueue, Nice, Nofile, Nproc, Rss, Rtprio, Sigpending, Stack,
#pragma warning restore CS1591
}

/// <summary>A value for each of the 15 limits.</summary>
public sealed class ResourceLimitSet
{
    /// <summary>No limit: RLIM_INFINITY of setrlimit(2).</summary>
    public const ulong Unlimited = ulong.MaxValue;

    private readonly ulong[] _values;

    private ResourceLimitSet(ulong[] values) => _values = values;

    /// <summary>The limits of a job for which nothing else was asked (protocol.md §4).</summary>
    public static ResourceLimitSet Default { get; } = MakeDefault();

    /// <summary>The value of one limit.</summary>
    public ulong this[ResourceLimit limit] => _values[(int)limit];

    /// <summary>A copy with some values replaced.</summary>
    public ResourceLimitSet With(IEnumerable<KeyValuePair<ResourceLimit, ulong>> overlay)
    {
        var values = (ulong[])_values.Clone();
        foreach (var (limit, value) in overlay)
        {
            values[(int)limit] = value;
        }

        return new ResourceLimitSet(values);
    }

    private static ResourceLimitSet MakeDefault()
    {
        var values = new ulong[(int)ResourceLimit.Stack + 1];
        Array.Fill(values, Unlimited);
        values[(int)ResourceLimit.Core] = 0;
        values[(int)ResourceLimit.Memlock] = 65536;
        values[(int)ResourceLimit.Msgqueue] = 819200;
        values[(int)ResourceLimit.Nice] = 0;
        values[(int)ResourceLimit.Rtprio] = 0;
        values[(int)ResourceLimit.Nofile] = 1024;
        values[(int)ResourceLimit.Nproc] = 1024;
        values[(int)ResourceLimit.Sigpending] = 1024;
        values[(int)ResourceLimit.Stack] = 8388608;
        return new ResourceLimitSet(values);
    }
}
