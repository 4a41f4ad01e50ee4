using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Processes;

/// <summary>The logs that monitors write: struct log_record of native/protocol.h.</summary>
internal static class JobLog
{
    public const int HeaderSize = 8;
    public const int LongestData = 65536;
    public const int UnknownStatus = 255;

    private const int WindowSize = 64 * 1024;

    /// <summary>Where a job's log lies.</summary>
    public static string PathOf(string runDirectory, uint job) =>
        string.Create(CultureInfo.InvariantCulture, $"{runDirectory}/jobs/{job}.log");

    /// <summary>Opens a log for reading beside its writer; null when there is none.</summary>
    public static SafeFileHandle? Open(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a log. Nothing happens when it is not there, or the disk refuses: the container's end takes it.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with the container's directory.
        }
    }

    /// <summary>
    /// The end that a log tells of; null when it has none, cannot be read or is not there. Every record is looked at: the last bytes
    /// alone may be what a job has printed.
    /// </summary>
    public static JobEndRecord? ReadEnd(string path)
    {
        try
        {
            using var file = Open(path);
            return file is null ? null : ReadEnd(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads until the buffer is full or the file has ended.</summary>
    public static int ReadFully(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var have = 0;
        while (have < buffer.Length)
        {
            var count = RandomAccess.Read(file, buffer[have..], offset + have);
            if (count == 0)
            {
                break;
            }

            have += count;
        }

        return have;
    }

    private static JobEndRecord? ReadEnd(SafeFileHandle file)
    {
        var window = ArrayPool<byte>.Shared.Rent(WindowSize);
        try
        {
            long start = 0;
            var have = 0;
            for (long at = 0; ;)
            {
                if (at - start > have - (HeaderSize + JobEndRecord.Size))
                {
                    start = at;
                    have = ReadFully(file, window.AsSpan(0, WindowSize), at);
                }

                var record = window.AsSpan(0, have)[(int)(at - start)..];
                if (record.Length < HeaderSize)
                {
                    return null;
                }

                var header = LogRecordHeader.Decode(record);
                switch (header.Kind)
                {
                    case LogRecordKind.End:
                        return header.Length == JobEndRecord.Size && record.Length >= HeaderSize + JobEndRecord.Size
                            ? JobEndRecord.Decode(record[HeaderSize..])
                            : null;
                    case LogRecordKind.Stdout or LogRecordKind.Stderr when header.Length <= LongestData:
                        at += HeaderSize + header.Length;
                        break;
                    default:
                        return null;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }
}

/// <summary>enum log_kind.</summary>
internal enum LogRecordKind : byte
{
    Stdout = 1,
    Stderr = 2,
    End = 3,
}

/// <summary>struct log_record.</summary>
internal readonly record struct LogRecordHeader(LogRecordKind Kind, uint Length)
{
    public static LogRecordHeader Decode(ReadOnlySpan<byte> bytes) =>
        new((LogRecordKind)bytes[0], BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
}
