using System.Buffers.Binary;

namespace Warden.Linux.Processes;

/// <summary>The messages of native/protocol.h, by its numbers.</summary>
internal enum MessageType : uint
{
    Start = 1,
    Go = 2,
    Hello = 3,
    JobStart = 4,
    JobWatch = 5,
    JobForget = 6,
    SignalAll = 7,
    WaitIdle = 8,
    Terminate = 9,
    Cloned = 100,
    Ready = 101,
    Failed = 102,
    State = 103,
    Done = 104,
    JobStarted = 105,
    JobGrown = 106,
    JobEnded = 200,
    OutOfMemory = 201,
    InitEnded = 202,
}

/// <summary>A message as it came.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Tag">The request that it answers; 0 of an event.</param>
/// <param name="Body">What follows the header.</param>
internal readonly record struct MonitorMessage(MessageType Type, uint Tag, byte[] Body)
{
    /// <summary>The body, which is of at least that many bytes.</summary>
    /// <exception cref="InvalidDataException">It is shorter.</exception>
    public ReadOnlySpan<byte> AtLeast(int length) =>
        Body.Length >= length ? Body : throw new InvalidDataException($"The monitor sent a {Type} of {Body.Length} bytes");
}

/// <summary>STATE and READY: struct state and the ids that follow it.</summary>
internal sealed record MonitorState(int MonitorPid, int InitPid, bool InitAlive, bool OutOfMemory, IReadOnlyList<uint> RunningJobs)
{
    private const int Size = 20;

    public static MonitorState Decode(MonitorMessage message)
    {
        var body = message.AtLeast(Size);
        var version = BinaryPrimitives.ReadUInt32LittleEndian(body);
        if (version != MonitorProtocol.Version)
        {
            throw new InvalidDataException($"The monitor speaks version {version} of its protocol, not {MonitorProtocol.Version}");
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(body[16..]);
        if (body.Length - Size != count * (long)sizeof(uint))
        {
            throw new InvalidDataException($"The monitor sent a state of {count} jobs in {body.Length} bytes");
        }

        var jobs = new uint[count];
        for (var i = 0; i < jobs.Length; i++)
        {
            jobs[i] = BinaryPrimitives.ReadUInt32LittleEndian(body[(Size + (i * sizeof(uint)))..]);
        }

        return new MonitorState(
            BinaryPrimitives.ReadInt32LittleEndian(body[4..]), BinaryPrimitives.ReadInt32LittleEndian(body[8..]),
            body[12] != 0, body[13] != 0, jobs);
    }
}

/// <summary>struct job_ended, as an event and as the end record of a job's log.</summary>
internal readonly record struct JobEndRecord(uint Job, int Status, bool OutputLimitExceeded, bool OutputNotStored = false)
{
    public const int Size = 12;

    public static JobEndRecord Decode(ReadOnlySpan<byte> body) =>
        new(
            BinaryPrimitives.ReadUInt32LittleEndian(body),
            BinaryPrimitives.ReadInt32LittleEndian(body[4..]),
            (BinaryPrimitives.ReadUInt32LittleEndian(body[8..]) & MonitorProtocol.JobOutputLimitExceeded) != 0,
            (BinaryPrimitives.ReadUInt32LittleEndian(body[8..]) & MonitorProtocol.JobOutputNotStored) != 0);
}

/// <summary>struct job_grown.</summary>
internal readonly record struct JobGrown(bool Ended, long Size)
{
    public static JobGrown Decode(MonitorMessage message)
    {
        var body = message.AtLeast(16);
        return new(BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) != 0, BinaryPrimitives.ReadInt64LittleEndian(body[8..]));
    }
}

/// <summary>The numbers and small structures of native/protocol.h.</summary>
internal static class MonitorProtocol
{
    public const int Version = 1;
    public const int HeaderSize = 12;
    public const uint JobPrivileged = 0x1;
    public const uint JobDiscardOutput = 0x2;
    public const uint JobOutputLimitExceeded = 0x1;
    public const uint JobOutputNotStored = 0x2;

    /// <summary>struct job_id.</summary>
    public static byte[] JobId(uint job)
    {
        var body = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(body, job);
        return body;
    }

    /// <summary>struct job_watch.</summary>
    public static byte[] JobWatch(uint job, long offset)
    {
        var body = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(body, job);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(8), offset);
        return body;
    }

    /// <summary>struct signal_all.</summary>
    public static byte[] SignalAll(int signal)
    {
        var body = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(body, signal);
        return body;
    }
}
