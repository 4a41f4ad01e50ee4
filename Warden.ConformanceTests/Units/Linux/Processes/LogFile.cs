using System.Buffers.Binary;
using System.Runtime.Versioning;
using Warden.Linux.Processes;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>A job's log as a monitor writes it, byte by byte from native/protocol.h.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LogFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("warden-log-").FullName;
    private readonly FileStream _file;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(long Offset, TaskCompletionSource<long> Watch)> _watches = [];

    public LogFile()
    {
        Path = System.IO.Path.Combine(_directory, "1.log");
        _file = new FileStream(Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Output = new JobOutput(Path, _ended.Task, WatchAsync);
    }

    public string Path { get; }

    public JobOutput Output { get; }

    /// <summary>How often a reader has asked for more.</summary>
    public int Watches { get; private set; }

    public static byte[] Record(byte kind, ReadOnlySpan<byte> data)
    {
        var record = new byte[8 + data.Length];
        record[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), data.Length);
        data.CopyTo(record.AsSpan(8));
        return record;
    }

    public static byte[] EndRecord(uint job, int status, uint flags = 0)
    {
        var data = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(data, job);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), status);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(8), flags);
        return Record(3, data);
    }

    public void Write(OutputStream stream, ReadOnlySpan<byte> data) => WriteRaw(Record((byte)stream, data));

    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes);
        Wake(_file.Length, all: false);
    }

    /// <summary>The job has ended, with or without a record of it.</summary>
    public void End(bool isRecorded = true)
    {
        if (isRecorded)
        {
            _file.Write(EndRecord(1, 0));
        }

        _ended.TrySetResult();
        Wake(_file.Length, all: true);
    }

    public void Dispose()
    {
        Output.Close();
        _file.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Task<long> WatchAsync(long offset)
    {
        var watch = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            Watches++;
            _watches.Add((offset, watch));
        }

        Wake(_file.Length, _ended.Task.IsCompleted);
        return watch.Task;
    }

    private void Wake(long size, bool all)
    {
        lock (_lock)
        {
            foreach (var (_, watch) in _watches.Where(entry => all || size > entry.Offset))
            {
                watch.TrySetResult(size);
            }

            _watches.RemoveAll(entry => entry.Watch.Task.IsCompleted);
        }
    }
}
