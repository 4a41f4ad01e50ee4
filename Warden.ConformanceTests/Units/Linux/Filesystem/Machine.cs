using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Warden.ConformanceTests.Support;
using Warden.Linux.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

/// <summary>What these tests need of the machine.</summary>
internal static partial class Machine
{
    private const int NewMountNamespace = 0x20000;
    private const nuint Moving = 1 << 13;
    private const nuint PrivateRecursively = (1 << 18) | (1 << 14);

    public static void NeedRoot()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux only");
        Skip.IfNot(GetEffectiveUserId() == 0, "needs root");
    }

    /// <summary>Runs a test on a thread with a mount namespace of its own, with which all that it mounts goes away.</summary>
    public static void WithOwnMounts(Action test)
    {
        NeedRoot();
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Skip.IfNot(Unshare(NewMountNamespace) == 0, "needs the right to make a mount namespace");
                Assert.Equal(0, Mount("none", "/", null, PrivateRecursively, 0));
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        Assert.True(thread.Join(Deadline.Default * 4), "the test hangs");
        failure?.Throw();
    }

    /// <summary>mount(2) in this thread's namespace.</summary>
    public static void Mount(string source, string target, string type, string options = "")
    {
        var data = Marshal.StringToCoTaskMemUTF8(options);
        var result = Mount(source, target, type, 0, data);
        Assert.True(result == 0, Marshal.GetLastPInvokeErrorMessage());
        Marshal.FreeCoTaskMem(data);
    }

    public static void Move(string source, string target) =>
        Assert.True(Mount(source, target, null, Moving, 0) == 0, Marshal.GetLastPInvokeErrorMessage());

    public static void Unmount(string target) => WhenIdle(() =>
    {
        if (Unmount(target, 0) != 0)
        {
            throw LinuxException.Last("unmount", target);
        }
    });

    /// <summary>
    /// Unmounts what no test uses any more: a program that another test starts meanwhile holds a copy of every open file until it runs.
    /// </summary>
    public static void WhenIdle(Action unmount)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = new SpinWait(); ; pause.SpinOnce())
        {
            try
            {
                unmount();
                return;
            }
            catch (LinuxException e) when (e.Errno == Errno.EBUSY && watch.Elapsed < Deadline.Default)
            {
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string? type, nuint flags, nint data);
}
