using System.Runtime.InteropServices;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>
/// The ids by which the kernel judges a thread's access to files. They are a thread's own (credentials(7)): of setgroups the C library
/// makes a call for the whole process, so the kernel is asked directly.
/// </summary>
internal static unsafe partial class IdentityCalls
{
    private static readonly nint SetGroupsNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 116,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 159,
        var other => throw new PlatformNotSupportedException($"setgroups of {other} is not known here"),
    };

    /// <summary>Leaves all supplementary groups.</summary>
    public static int LeaveGroups() => SystemCall(SetGroupsNumber, 0, null) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Sets the user of file access and answers the former. From 0 to another the thread loses root's rights over files, and back gets them.</summary>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    public static partial uint SetUser(uint id);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    public static partial uint SetGroup(uint id);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint count, void* list);
}
