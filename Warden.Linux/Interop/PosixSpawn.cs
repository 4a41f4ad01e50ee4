using System.Runtime.InteropServices;

namespace Warden.Linux.Interop;

/// <summary>posix_spawn(3): a child without a copy of this process's memory.</summary>
internal static partial class PosixSpawn
{
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const int O_RDWR = 0x2;
    private const int O_WRONLY = 0x1;
    private const int O_CREAT = 0x40;
    private const int O_APPEND = 0x400;
    private const uint OwnerReadsAndWrites = 0x180;

    // No libc's structures are larger (glibc's: 336 and 80 bytes, and 128 for a set of signals).
    private const int LargestStructure = 1024;
    private const int SignalSetSize = 128;

    /// <summary>
    /// Starts a program whose standard input is the given descriptor, whose standard output goes nowhere and whose standard error is
    /// appended to a file. Every signal has its default action and none is blocked.
    /// </summary>
    /// <returns>The process's id. It is a child of this process, which must reap it.</returns>
    public static unsafe int Start(string path, string[] arguments, string[] environment, SafeHandle standardInput, string errorLog)
    {
        var attributes = stackalloc byte[LargestStructure];
        var actions = stackalloc byte[LargestStructure];
        var signals = stackalloc byte[SignalSetSize];
        Check(InitializeAttributes(attributes), path);
        try
        {
            Check(InitializeActions(actions), path);
            try
            {
                // An empty set first, for the mask; then every signal, for the default actions.
                new Span<byte>(signals, SignalSetSize).Clear();
                Check(SetSignalMask(attributes, signals), path);
                new Span<byte>(signals, SignalSetSize).Fill(0xff);
                Check(SetSignalDefaults(attributes, signals), path);
                Check(SetFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), path);
                Check(AddDuplicate(actions, (int)standardInput.DangerousGetHandle(), 0), path);
                Check(AddOpen(actions, 1, "/dev/null", O_RDWR, 0), path);
                Check(AddOpen(actions, 2, errorLog, O_WRONLY | O_CREAT | O_APPEND, OwnerReadsAndWrites), path);
                Check(Spawn(out var pid, path, actions, attributes, [.. arguments, null], [.. environment, null]), path);
                return pid;
            }
            finally
            {
                _ = DestroyActions(actions);
            }
        }
        finally
        {
            _ = DestroyAttributes(attributes);
            GC.KeepAlive(standardInput);
        }
    }

    // These functions return the error's number instead of setting errno.
    private static void Check(int errno, string path)
    {
        if (errno != 0)
        {
            throw new LinuxException("start", path, errno);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Spawn(
        out int pid, string path, byte* actions, byte* attributes, string?[] arguments, string?[] environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int InitializeAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int SetSignalDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);
}
