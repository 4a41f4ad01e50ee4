using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>Whether one process still lives, even if its number is another's by now (pidfd_open(2)).</summary>
internal sealed unsafe partial class ProcessLife : IDisposable
{
    private const nint OpenNumber = 434;
    private const short Readable = 1;

    private readonly SafeFileHandle _process;

    public ProcessLife(int processId)
    {
        var descriptor = (int)SystemCall(OpenNumber, processId, 0);
        if (descriptor < 0)
        {
            throw LinuxException.Last("find the process", $"{processId}");
        }

        _process = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public bool HasEnded
    {
        get
        {
            var entry = new PollEntry { Descriptor = (int)_process.DangerousGetHandle(), Events = Readable };
            return Poll(&entry, 1, 0) > 0;
        }
    }

    public void Dispose() => _process.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint processId, nint flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
