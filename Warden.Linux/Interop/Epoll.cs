using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>epoll(7), for descriptors that become readable once.</summary>
internal static partial class Epoll
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const uint EPOLLIN = 0x1;
    private const uint EPOLLONESHOT = 1u << 30;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static int EventSize => DataOffset + sizeof(ulong);

    public static SafeFileHandle Create()
    {
        var epoll = CreateRaw(EPOLL_CLOEXEC);
        return epoll.IsInvalid ? throw LinuxException.Last("make an epoll") : epoll;
    }

    /// <summary>Waits for the descriptor to become readable; <paramref name="key"/> comes back once.</summary>
    public static unsafe void Add(SafeFileHandle epoll, SafeFileHandle descriptor, long key)
    {
        var entry = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(new(entry, sizeof(uint)), EPOLLIN | EPOLLONESHOT);
        BinaryPrimitives.WriteInt64LittleEndian(new(entry + DataOffset, sizeof(long)), key);
        if (Control(epoll, EPOLL_CTL_ADD, descriptor, entry) < 0)
        {
            throw LinuxException.Last("wait for a descriptor");
        }
    }

    /// <summary>Waits for it no more.</summary>
    public static unsafe void Remove(SafeFileHandle epoll, SafeFileHandle descriptor)
    {
        var unused = stackalloc byte[EventSize];
        _ = Control(epoll, EPOLL_CTL_DEL, descriptor, unused);
    }

    /// <summary>Waits for the first that are ready and returns how many keys it wrote.</summary>
    public static unsafe int Wait(SafeFileHandle epoll, Span<long> keys)
    {
        var events = stackalloc byte[EventSize * keys.Length];
        int count;
        while ((count = WaitRaw(epoll, events, keys.Length, -1)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw LinuxException.Last("wait for descriptors");
            }
        }

        for (var i = 0; i < count; i++)
        {
            keys[i] = BinaryPrimitives.ReadInt64LittleEndian(new(events + (i * EventSize) + DataOffset, sizeof(long)));
        }

        return count;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial SafeFileHandle CreateRaw(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int Control(SafeFileHandle epoll, int operation, SafeFileHandle descriptor, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int WaitRaw(SafeFileHandle epoll, byte* events, int maxEvents, int timeout);
}
