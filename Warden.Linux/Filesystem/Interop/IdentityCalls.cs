using System.Runtime.InteropServices;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>
/// The ids by which the kernel judges a thread's access to files. They are a thread's own (credentials(7)): of setgroups the C library
/// makes a call for the whole process, so the kernel is asked directly.
/// </summary>
internal static unsafe partial class IdentityCalls
{
    private const uint CapabilityVersion = 0x20080522;
    private const uint PassPermissions = 1u << 1;
    private const uint SystemResources = 1u << 24;

    private static readonly nint SetGroupsNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 116,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 159,
        var other => throw new PlatformNotSupportedException($"setgroups of {other} is not known here"),
    };

    /// <summary>Leaves all supplementary groups.</summary>
    public static int LeaveGroups() => SystemCall(SetGroupsNumber, 0, null) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Gives up CAP_SYS_RESOURCE, which quotas do not hold for, until this thread ends (capabilities(7)).
    /// </summary>
    public static int KeepQuotas() => ChangeRights(given: 0, taken: SystemResources);

    /// <summary>Gives a thread with a user's rights over files that of root to open and make them anywhere, CAP_DAC_OVERRIDE, and no other.</summary>
    public static int MakeAnywhere() => ChangeRights(given: PassPermissions, taken: SystemResources);

    private static int ChangeRights(uint given, uint taken)
    {
        var header = new CapabilityHeader { Version = CapabilityVersion };

        // Two of struct __user_cap_data_struct: effective, permitted and inheritable, 32 bits of each.
        var sets = stackalloc uint[6];
        if (GetCapabilities(&header, sets) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        sets[0] = (sets[0] | given) & ~taken;
        return SetCapabilities(&header, sets) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Sets the user of file access and answers the former. From 0 to another the thread loses root's rights over files, and back gets them.</summary>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    public static partial uint SetUser(uint id);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    public static partial uint SetGroup(uint id);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint count, void* list);

    // glibc and musl have both, without a header.
    [LibraryImport("libc", EntryPoint = "capget", SetLastError = true)]
    private static partial int GetCapabilities(CapabilityHeader* header, uint* sets);

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static partial int SetCapabilities(CapabilityHeader* header, uint* sets);

    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilityHeader
    {
        public uint Version;

        // 0 is the calling thread.
        public int Thread;
    }
}
