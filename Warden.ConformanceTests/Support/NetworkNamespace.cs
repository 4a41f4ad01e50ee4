using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Warden.ConformanceTests.Support;

/// <summary>Sockets of another network namespace: a socket stays in the one that its thread was in when it was made (setns(2)).</summary>
internal static partial class NetworkNamespace
{
    private const int NewNet = 0x40000000;

    /// <summary>Makes an IPv4 socket in the namespace of a path such as /proc/PID/ns/net.</summary>
    public static Socket NewSocket(string path, SocketType type, ProtocolType protocol)
    {
        Socket? made = null;
        Exception? failure = null;

        // A thread of its own: it is in the other namespace for good, and ends.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(path);
                if (SetNamespace(handle, NewNet) != 0)
                {
                    throw new IOException($"setns {path}: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                made = new Socket(AddressFamily.InterNetwork, type, protocol);
            }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new IOException(failure!.Message, failure);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle handle, int kind);
}
