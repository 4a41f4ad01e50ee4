using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>socketpair(2).</summary>
internal static partial class SocketPair
{
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_CLOEXEC = 0x80000;

    /// <summary>Two connected stream sockets: one for this process and one to hand to a child. Neither is inherited unasked.</summary>
    public static (Socket Ours, SafeFileHandle Theirs) Create()
    {
        Span<int> ends = stackalloc int[2];
        if (SocketPairRaw(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        {
            throw LinuxException.Last("make a pair of sockets");
        }

        var theirs = new SafeFileHandle(ends[1], ownsHandle: true);
        var handle = new SafeSocketHandle(ends[0], ownsHandle: true);
        try
        {
            return (new Socket(handle), theirs);
        }
        catch
        {
            handle.Dispose();
            theirs.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPairRaw(int domain, int type, int protocol, Span<int> ends);
}
