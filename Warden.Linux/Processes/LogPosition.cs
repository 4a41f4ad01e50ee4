using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>
/// A place in a job's log: at a record, or within one's data. In the latter case it tells the stream and how much is left, so that the
/// record's header need not be read again.
/// </summary>
/// <param name="Offset">The place in the file.</param>
/// <param name="Left">Bytes left of the record's data; 0 at a record.</param>
/// <param name="Stream">The stream that these belong to.</param>
internal readonly record struct LogPosition(long Offset, int Left, OutputStream Stream)
{
    // One bit for the stream, 17 for up to 65536 bytes left; 45 remain: 32 TiB.
    private const int OffsetShift = 18;

    public static LogPosition Of(OutputPosition position) =>
        new(
            position.Value >> OffsetShift,
            (int)(position.Value >> 1) & ((1 << (OffsetShift - 1)) - 1),
            (position.Value & 1) == 0 ? OutputStream.Stdout : OutputStream.Stderr);

    public OutputPosition ToOutputPosition() =>
        new((Offset << OffsetShift) | ((long)Left << 1) | (Left > 0 && Stream == OutputStream.Stderr ? 1L : 0));
}
