using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>poll(2): blocks its thread until a descriptor tells something.</summary>
internal static partial class Poll
{
    /// <summary>Something to read; for a pidfd, the end of its process.</summary>
    public const short In = 1;

    /// <summary>A change of a cgroup's file, such as cgroup.events.</summary>
    public const short Priority = 2;

    /// <summary>Waits for one descriptor.</summary>
    /// <returns>Whether it told something in time.</returns>
    public static bool Wait(SafeFileHandle file, short events, TimeSpan within)
    {
        var referenced = false;
        try
        {
            file.DangerousAddRef(ref referenced);
            var descriptor = new PollDescriptor { Descriptor = (int)file.DangerousGetHandle(), Events = events };
            var result = PollRaw(ref descriptor, 1, Milliseconds(within));
            if (result < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                throw LinuxException.Last("wait for a descriptor");
            }

            return result > 0;
        }
        finally
        {
            if (referenced)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Waits for nothing but the time.</summary>
    public static void Pause(TimeSpan length)
    {
        if (length > TimeSpan.Zero)
        {
            PollRaw(ref Unsafe.NullRef<PollDescriptor>(), 0, Milliseconds(length));
        }
    }

    private static int Milliseconds(TimeSpan length) => (int)Math.Clamp(Math.Ceiling(length.TotalMilliseconds), 0, int.MaxValue);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollRaw(ref PollDescriptor descriptors, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
