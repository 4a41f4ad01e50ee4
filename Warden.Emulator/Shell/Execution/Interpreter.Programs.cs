using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Programs: finding them, and running them in a process of their own.</summary>
internal sealed partial class Interpreter
{
    private async ValueTask<int> ExecuteProgramAsync(SimpleCommand command, List<string> arguments, bool replace)
    {
        var assigned = new List<KeyValuePair<string, string>>();
        foreach (var assignment in command.Assignments)
        {
            var value = await Expander.ExpandToStringAsync(assignment.Value ?? Word.Literal(""), assignment: true);
            if (assignment.Append)
            {
                value = GetParameter(assignment.Name) + value;
            }

            await TraceLineAsync(Options.Trace ? $"{assignment.Name}={Expansion.Quoting.Traced(value)}" : "");
            assigned.Add(new(assignment.Name, value));
        }

        await TraceArgumentsAsync(arguments);
        var path = FindProgram(arguments[0], assigned.Find(static pair => pair.Key == "PATH").Value);
        LastArgument = arguments[^1];
        if (path is null && Functions.TryGetValue("command_not_found_handle", out var handler))
        {
            var subshell = Clone();
            List<string> call = ["command_not_found_handle", .. arguments];
            var handled = Fork(subshell, shell => shell.CallAsync("command_not_found_handle", handler, call));
            return await WaitForegroundAsync([handled.Id], command);
        }

        var environment = BuildEnvironment(path ?? arguments[0], assigned);
        var prefix = ErrorPrefix;
        if (replace)
        {
            return await TryRedirectAsync(command.Redirections, new RedirectionUndo())
                ? await ExecuteFileAsync(Process, path, arguments, environment, prefix)
                : 1;
        }

        if (command.Redirections.Count == 0)
        {
            var traps = Traps.ResetForChild();
            var child = Process.Fork(process =>
            {
                RestoreSignals(process, traps);
                return ExecuteFileAsync(process, path, arguments, environment, prefix);
            });
            return await WaitForegroundAsync([child.Id], command);
        }

        var clone = Clone();
        var forked = Fork(clone, async shell => await shell.TryRedirectAsync(command.Redirections, new RedirectionUndo())
            ? await ExecuteFileAsync(shell.Process, path, arguments, environment, prefix)
            : 1);
        return await WaitForegroundAsync([forked.Id], command);
    }

    /// <summary>Runs a program that is neither looked for among functions nor builtins.</summary>
    public async ValueTask<int> RunProgramAsync(IReadOnlyList<string> arguments, string? searchPath)
    {
        var path = FindProgram(arguments[0], searchPath);
        var environment = BuildEnvironment(path ?? arguments[0]);
        var prefix = ErrorPrefix;
        var traps = Traps.ResetForChild();
        var child = Process.Fork(process =>
        {
            RestoreSignals(process, traps);
            return ExecuteFileAsync(process, path, arguments, environment, prefix);
        });
        var shown = new SimpleCommand { Assignments = [], Words = [.. arguments.Select(Word.Literal)] };
        return await WaitForegroundAsync([child.Id], shown);
    }

    /// <summary>Where a command is: its own path when that has a slash, else in PATH; null when nowhere.</summary>
    public string? FindProgram(string name, string? searchPath = null)
    {
        if (name.Contains('/'))
        {
            return name;
        }

        if (searchPath is null && Hashed.TryGetValue(name, out var known) && IsExecutable(known.Path))
        {
            Hashed[name] = (known.Path, known.Hits + 1);
            return known.Path;
        }

        var found = FindInPath(name, searchPath ?? GetParameter("PATH") ?? "").FirstOrDefault();
        if (found is not null && searchPath is null && Options["hashall"])
        {
            Hashed[name] = (found, 1);
        }

        return found;
    }

    /// <summary>The files of that name in the directories of a path: those that may be executed, else one that may not.</summary>
    public IEnumerable<string> FindInPath(string name, string searchPath)
    {
        string? denied = null;
        var any = false;
        if (name.Length == 0)
        {
            yield break;
        }

        foreach (var directory in searchPath.Split(':'))
        {
            var path = directory.Length == 0 ? "./" + name : directory.EndsWith('/') ? directory + name : directory + "/" + name;
            if (IsExecutable(path))
            {
                any = true;
                yield return path;
            }
            else if (denied is null && IsRegular(path))
            {
                denied = path;
            }
        }

        if (!any && denied is not null)
        {
            yield return denied;
        }
    }

    public bool IsExecutable(string path) => IsRegular(path) && Process.CanAccess(path, execute: true);

    private bool IsRegular(string path)
    {
        try
        {
            return Process.Stat(path).Kind == FileKind.Regular;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    /// <summary>Executes a file in a process that has nothing else to do, and says why where it cannot.</summary>
    public static async ValueTask<int> ExecuteFileAsync(
        Process process, string? path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, string prefix)
    {
        var name = arguments[0];
        if (path is null)
        {
            await TryWriteErrorAsync(process, $"{prefix}{name}: command not found\n");
            return 127;
        }

        try
        {
            return await process.ExecuteAsync(path, arguments, environment);
        }
        catch (ErrnoException error) when (error.Errno == Errno.ENOEXEC)
        {
            return await ExecuteScriptAsync(process, path, arguments, environment, prefix);
        }
        catch (ErrnoException error)
        {
            return await ReportExecutionAsync(process, path, name, prefix, error.Errno);
        }
    }

    // A file that is no program and names no interpreter is a script of the shell.
    private static async ValueTask<int> ExecuteScriptAsync(
        Process process, string path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, string prefix)
    {
        try
        {
            var fd = await process.OpenAsync(path, OpenFlags.Read);
            var head = new byte[80];
            var count = await process.ReadAsync(fd, head);
            process.Close(fd);
            var line = head.AsSpan(0, count);
            var end = line.IndexOf((byte)'\n');
            if (line[..(end < 0 ? count : end)].Contains((byte)0))
            {
                await TryWriteErrorAsync(process, $"{prefix}{arguments[0]}: cannot execute binary file: Exec format error\n");
                return 126;
            }

            return await process.ExecuteAsync("/bin/bash", ["/bin/bash", path, .. arguments.Skip(1)], environment);
        }
        catch (ErrnoException error)
        {
            return await ReportExecutionAsync(process, path, arguments[0], prefix, error.Errno);
        }
    }

    private static async ValueTask<int> ReportExecutionAsync(Process process, string path, string name, string prefix, Errno errno)
    {
        try
        {
            var status = process.Stat(path);
            if (status.Kind == FileKind.Directory)
            {
                errno = Errno.EISDIR;
            }
            else if (errno == Errno.ENOENT)
            {
                // The file is there: what is missing is its interpreter.
                await TryWriteErrorAsync(process, $"{prefix}{name}: cannot execute: required file not found\n");
                return 127;
            }
        }
        catch (ErrnoException)
        {
            // The file is not there at all.
        }

        await TryWriteErrorAsync(process, $"{prefix}{(errno is Errno.EISDIR or Errno.ENOENT or Errno.ENOTDIR ? name : path)}: {ErrnoException.Describe(errno)}\n");
        return errno == Errno.ENOENT ? 127 : 126;
    }

    private static async ValueTask TryWriteErrorAsync(Process process, string text)
    {
        try
        {
            await process.WriteAsync(2, text);
        }
        catch (ErrnoException)
        {
            // The status tells as well.
        }
    }

    /// <summary>The environment for a program.</summary>
    public List<KeyValuePair<string, string>> BuildEnvironment(string path, IReadOnlyList<KeyValuePair<string, string>>? assigned = null)
    {
        var environment = new List<KeyValuePair<string, string>>();
        foreach (var variable in Variables.Unordered)
        {
            if (variable.Has(VariableAttributes.Export) && !variable.IsArray && variable.Scalar is not null && variable.Name != "_"
                && (assigned is null || !assigned.Any(pair => pair.Key == variable.Name)))
            {
                environment.Add(new(variable.Name, variable.Scalar));
            }
        }

        foreach (var (name, function) in Functions)
        {
            if (function.Exported)
            {
                environment.Add(new($"BASH_FUNC_{name}%%", "() " + CommandPrinter.PrintBody(function.Definition)));
            }
        }

        if (assigned is not null)
        {
            environment.AddRange(assigned);
        }

        environment.Add(new("_", path));
        return environment;
    }
}
