using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Warden.Linux.Interop;
using static Warden.Linux.Networking.Interop.NetlinkInterop;

namespace Warden.Linux.Networking.Interop;

/// <summary>Takes one message of a dump: its type, and what follows the netlink header.</summary>
internal delegate void NetlinkMessageHandler(ushort type, ReadOnlySpan<byte> payload);

/// <summary>Why the kernel refused one message of a batch.</summary>
/// <param name="Entry">The message.</param>
/// <param name="Errno">The error.</param>
/// <param name="Text">The kernel's own words, where it has any.</param>
internal sealed record NetlinkFailure(NetlinkBatch.Entry Entry, int Errno, string? Text)
{
    public LinuxException ToException() =>
        new(Entry.Operation, Text is null ? Entry.Subject : $"{Entry.Subject} ({Text})".TrimStart(), Errno);
}

/// <summary>
/// A netlink socket of the network namespace of the thread that opens it; it stays in that namespace whichever thread uses it. The kernel
/// does what a datagram asks for before send(2) returns, so nothing here waits for anything but the kernel's own locks.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    public const int Route = 0;
    public const int Netfilter = 12;
    private const int ErrorMessage = 2;
    private const int DoneMessage = 3;
    private const int InterruptedFlag = 0x10;
    private const int CappedFlag = 0x100;
    private const int ExtendedFlag = 0x200;
    private const int ExtendedText = 1;
    private const int DumpAttempts = 20;
    private const int BufferBytes = 1 << 20;
    private readonly Lock _gate = new();
    private readonly SafeNetlinkHandle _handle;
    private readonly byte[] _received = new byte[64 * 1024];

    private NetlinkSocket(SafeNetlinkHandle handle) => _handle = handle;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel has no such family.</exception>
    public static NetlinkSocket Open(int protocol)
    {
        var name = protocol == Route ? "NETLINK_ROUTE" : "NETLINK_NETFILTER";
        var handle = Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (handle.IsInvalid)
        {
            throw LinuxException.Last("open a netlink socket", name);
        }
        try
        {
            var kernel = new NetlinkAddress { Family = AF_NETLINK };
            if (Connect(handle, kernel, (uint)Unsafe.SizeOf<NetlinkAddress>()) < 0)
            {
                throw LinuxException.Last("connect a netlink socket", name);
            }
            // Failures carry the kernel's own words, and not the request again. Older kernels do without either.
            _ = SetOption(handle, SOL_NETLINK, NETLINK_EXT_ACK, 1, sizeof(int));
            _ = SetOption(handle, SOL_NETLINK, NETLINK_CAP_ACK, 1, sizeof(int));
            // Every answer to a datagram is queued before the first is read.
            _ = SetOption(handle, SOL_SOCKET, SO_RCVBUFFORCE, BufferBytes, sizeof(int));
            _ = SetOption(handle, SOL_SOCKET, SO_SNDBUFFORCE, BufferBytes, sizeof(int));
            return new NetlinkSocket(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Sends a batch. What the kernel refused comes back; the rest is done. The handler takes the objects that were asked for.</summary>
    public IReadOnlyList<NetlinkFailure> Send(NetlinkBatch batch, NetlinkMessageHandler? handler = null)
    {
        lock (_gate)
        {
            Transmit(batch);
            var failures = new List<NetlinkFailure>();
            var open = batch.Entries.Count(entry => entry.Acknowledged);
            ReadAnswers(batch, failures, ref open, handler, out _);
            if (open > 0 && failures.Count == 0)
            {
                throw new LinuxException(batch.Entries[^1].Operation, batch.Entries[^1].Subject, Errno.EPROTO);
            }
            return failures;
        }
    }

    /// <summary>Sends a batch all of which must be done.</summary>
    /// <exception cref="LinuxException">The first failure.</exception>
    public void Execute(NetlinkBatch batch)
    {
        if (Send(batch) is [var failure, ..])
        {
            throw failure.ToException();
        }
    }

    /// <summary>Sends a request for objects and hands each to the handler. A dump that a change has cut through is asked for again.</summary>
    /// <param name="request">Makes the request; called for every attempt.</param>
    /// <param name="begin">Called before every attempt: what the handler has had before is void.</param>
    /// <param name="handler">Takes the objects.</param>
    /// <returns>False when there is no such object.</returns>
    public bool Read(Func<NetlinkBatch> request, Action? begin, NetlinkMessageHandler handler)
    {
        lock (_gate)
        {
            for (var attempt = 1; ; attempt++)
            {
                begin?.Invoke();
                var batch = request();
                Transmit(batch);
                var failures = new List<NetlinkFailure>();
                var open = 1;
                ReadAnswers(batch, failures, ref open, handler, out var interrupted);
                if (failures is [var failure, ..])
                {
                    if (failure.Errno is Errno.ENOENT or Errno.ENODEV)
                    {
                        return false;
                    }
                    interrupted = failure.Errno == Errno.EINTR;
                    if (!interrupted || attempt == DumpAttempts)
                    {
                        throw failure.ToException();
                    }
                }
                if (!interrupted || attempt == DumpAttempts)
                {
                    return true;
                }
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private void Transmit(NetlinkBatch batch)
    {
        while (NetlinkInterop.Send(_handle, batch.Written, (nuint)batch.Written.Length, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw LinuxException.Last(batch.Entries[0].Operation, batch.Entries[0].Subject);
            }
        }
    }

    private void ReadAnswers(
        NetlinkBatch batch, List<NetlinkFailure> failures, ref int open, NetlinkMessageHandler? handler, out bool interrupted)
    {
        interrupted = false;
        while (true)
        {
            var count = Receive(_handle, _received, (nuint)_received.Length, MSG_DONTWAIT | MSG_TRUNC);
            if (count < 0)
            {
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EAGAIN:
                        return;
                    default:
                        throw LinuxException.Last(batch.Entries[0].Operation, batch.Entries[0].Subject);
                }
            }
            if (count > _received.Length)
            {
                throw new LinuxException(batch.Entries[0].Operation, batch.Entries[0].Subject, Errno.EPROTO);
            }
            var rest = _received.AsSpan(0, (int)count);
            while (rest.Length >= NetlinkBatch.HeaderLength)
            {
                var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
                if (length < NetlinkBatch.HeaderLength || length > rest.Length)
                {
                    break;
                }
                var message = rest[..length];
                rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
                if (EntryOf(batch, message) is { } entry)
                {
                    interrupted |= (BinaryPrimitives.ReadUInt16LittleEndian(message[6..]) & InterruptedFlag) != 0;
                    Take(entry, message, failures, ref open, handler);
                }
            }
        }
    }

    // What a request that failed before has left in the queue belongs to nobody.
    private static NetlinkBatch.Entry? EntryOf(NetlinkBatch batch, ReadOnlySpan<byte> message)
    {
        var index = BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        foreach (var entry in batch.Entries)
        {
            if (entry.Sequence == index)
            {
                return entry;
            }
        }
        return null;
    }

    private static void Take(
        NetlinkBatch.Entry entry, ReadOnlySpan<byte> message, List<NetlinkFailure> failures, ref int open, NetlinkMessageHandler? handler)
    {
        var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        var payload = message[NetlinkBatch.HeaderLength..];
        if (type is not ErrorMessage and not DoneMessage)
        {
            handler?.Invoke(type, payload);
            return;
        }
        open--;
        var error = payload.Length >= 4 ? -BinaryPrimitives.ReadInt32LittleEndian(payload) : 0;
        if (error > 0)
        {
            failures.Add(new NetlinkFailure(entry, error, type == ErrorMessage ? TextOf(message) : null));
        }
    }

    /// <summary>The kernel's words: behind the error and the request's header, or the whole request where the kernel repeats it.</summary>
    private static string? TextOf(ReadOnlySpan<byte> message)
    {
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        var repeated = message[(NetlinkBatch.HeaderLength + 4)..];
        if ((flags & ExtendedFlag) == 0 || repeated.Length < NetlinkBatch.HeaderLength)
        {
            return null;
        }
        var skip = (flags & CappedFlag) != 0 ? NetlinkBatch.HeaderLength : (int)BinaryPrimitives.ReadUInt32LittleEndian(repeated);
        var text = NetlinkAttributes.Find(repeated[Math.Clamp((skip + 3) & ~3, 0, repeated.Length)..], ExtendedText);
        return text.IsEmpty ? null : NetlinkAttributes.TextOf(text);
    }
}
