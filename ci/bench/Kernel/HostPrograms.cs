using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Warden.Bench.Kernel;

/// <summary>Programs of the host as the cheapest way to run them: posix_spawn(3), pipes, and calls that block this thread.</summary>
internal static unsafe partial class HostPrograms
{
    private const int O_CLOEXEC = 0x80000;
    private const int O_RDWR = 2;
    private const int EINTR = 4;

    // glibc's has 80 bytes; no libc's is larger.
    private const int LargestStructure = 1024;

    private static readonly string?[] Environment =
        ["HOME=/root", "USER=root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", null];

    /// <summary>Runs a program to its end, with its streams connected to nothing.</summary>
    /// <exception cref="InvalidOperationException">It fails.</exception>
    public static void Run(string path, params ReadOnlySpan<string> arguments)
    {
        var process = Start(path, arguments, Environment);
        if (Wait(process) is var status and not 0)
        {
            throw new InvalidOperationException($"{path} {string.Join(' ', arguments)} ended with the status {status}.");
        }
    }

    /// <summary>Runs bash with a script on its standard input, reads what it prints to the end, and waits for it.</summary>
    /// <param name="script">The script.</param>
    /// <param name="language">LANG, for which bash loads more or less.</param>
    /// <returns>What it prints.</returns>
    public static string Bash(string script, string language)
    {
        var (input, output) = (Pipe(), Pipe());
        var process = Start("/bin/bash", [], [$"LANG={language}", .. Environment], input.Read, output.Write);
        Close(input.Read);
        Close(output.Write);
        var text = Encoding.UTF8.GetBytes(script);
        fixed (byte* start = text)
        {
            Check(Write(input.Write, start, text.Length) == text.Length, "write to a pipe");
        }

        Close(input.Write);
        var printed = new StringBuilder();
        var buffer = stackalloc byte[4096];
        nint count;
        while ((count = Read(output.Read, buffer, 4096)) > 0)
        {
            printed.Append(Encoding.UTF8.GetString(buffer, (int)count));
        }

        Check(count == 0, "read from a pipe");
        Close(output.Read);
        return Wait(process) == 0 ? printed.ToString() : throw new InvalidOperationException($"bash failed at: {script}");
    }

    private static int Start(string path, ReadOnlySpan<string> arguments, string?[] environment, int? input = null, int? output = null)
    {
        var actions = stackalloc byte[LargestStructure];
        Check(InitializeActions(actions) == 0, "prepare a process");
        if (input is { } read && output is { } write)
        {
            Check(AddDuplicate(actions, read, 0) == 0 && AddDuplicate(actions, write, 1) == 0 && AddDuplicate(actions, write, 2) == 0, "prepare a process");
        }
        else
        {
            Check(AddOpen(actions, 0, "/dev/null", O_RDWR, 0) == 0 && AddOpen(actions, 1, "/dev/null", O_RDWR, 0) == 0, "prepare a process");
        }

        var error = Spawn(out var process, path, actions, null, [path, .. arguments, null], environment);
        _ = DestroyActions(actions);
        return error == 0 ? process : throw new Win32Exception(error, $"Cannot run {path}");
    }

    private static int Wait(int process)
    {
        int status;
        while (WaitFor(process, &status, 0) < 0)
        {
            Check(Marshal.GetLastPInvokeError() == EINTR, "wait for a process");
        }

        return status;
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        Check(MakePipe(ends, O_CLOEXEC) == 0, "make a pipe");
        return (ends[0], ends[1]);
    }

    private static void Check(bool succeeded, string operation)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"Cannot {operation}: errno {Marshal.GetLastPInvokeError()}."));
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int pid, string path, byte* actions, byte* attributes, string?[] arguments, string?[] environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitFor(int process, int* status, int options);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int MakePipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial void Close(int descriptor);
}
