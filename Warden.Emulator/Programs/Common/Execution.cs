using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Running other programs: execvp(3) and waiting for children.</summary>
internal static class Execution
{
    /// <summary>Becomes another program, looked up in PATH; the value is the status to return with.</summary>
    /// <exception cref="ErrnoException">It could not be run.</exception>
    public static async ValueTask<int> BecomeAsync(
        Invocation c, IReadOnlyList<string> command, IReadOnlyList<KeyValuePair<string, string>>? environment = null)
    {
        environment ??= c.Process.Environment;
        var path = FilePath.FindProgram(c.Process, command[0]) ?? throw new ErrnoException(Errno.ENOENT);
        await c.FlushAsync();
        try
        {
            return await c.Process.ExecuteAsync(path, command, environment);
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.ENOEXEC)
        {
            return await c.Process.ExecuteAsync("/bin/sh", ["sh", path, .. command.Skip(1)], environment);
        }
    }

    /// <summary>As <see cref="BecomeAsync"/>; a failure is told in these words and gives 127 or 126, as env, nohup and timeout do.</summary>
    public static async ValueTask<int> BecomeOrTellAsync(
        Invocation c, IReadOnlyList<string> command, string words, IReadOnlyList<KeyValuePair<string, string>>? environment = null)
    {
        try
        {
            return await BecomeAsync(c, command, environment);
        }
        catch (ErrnoException failure)
        {
            c.Warn($"{words}: {failure.Message}");
            return StatusOf(failure);
        }
    }

    /// <summary>127 when the program is missing, 126 when it cannot be run.</summary>
    public static int StatusOf(ErrnoException failure) => failure.Errno == Errno.ENOENT ? 127 : 126;

    /// <summary>Starts another program, looked up in PATH, as a child.</summary>
    /// <exception cref="ErrnoException">It could not be run.</exception>
    public static Process Spawn(Invocation c, IReadOnlyList<string> command, Action<Process>? prepare = null)
    {
        var path = FilePath.FindProgram(c.Process, command[0]) ?? throw new ErrnoException(Errno.ENOENT);
        try
        {
            return c.Process.Spawn(path, command, c.Process.Environment, prepare);
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.ENOEXEC)
        {
            return c.Process.Spawn("/bin/sh", ["sh", path, .. command.Skip(1)], c.Process.Environment, prepare);
        }
    }

    /// <summary>Runs another program as a child to its end.</summary>
    public static async ValueTask<ExitStatus> RunAsync(Invocation c, IReadOnlyList<string> command, Action<Process>? prepare = null)
    {
        await c.FlushAsync();
        var child = Spawn(c, command, prepare);
        return await WaitAsync(c, child.Id);
    }

    public static async ValueTask<ExitStatus> WaitAsync(Invocation c, int processId)
    {
        var ended = await c.Process.WaitAsync(processId);
        return ended?.Status ?? new ExitStatus(127, false);
    }
}
