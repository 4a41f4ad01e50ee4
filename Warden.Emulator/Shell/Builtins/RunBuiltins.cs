using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>eval.</summary>
internal sealed class EvalBuiltin : Builtin
{
    public override string Name => "eval";

    public override string Usage => "eval [arg ...]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var from = new OptionScanner(call, "");
        from.All();
        var text = string.Join(' ', call.Arguments.Skip(from.Index));
        if (string.IsNullOrWhiteSpace(text))
        {
            return 0;
        }

        call.Shell.Status = 0;
        return await call.Shell.RunTextAsync(text, $"{call.Shell.ProgramName}: eval", call.Shell.LineNumber);
    }
}

/// <summary>. and source.</summary>
internal sealed class SourceBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => $"{name} filename [arguments]";

    public override bool Special => name == ".";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var from = new OptionScanner(call, "");
        from.All();
        if (from.Index >= call.Arguments.Count)
        {
            throw new BuiltinUsageException("filename argument required");
        }

        var file = call.Arguments[from.Index];
        var path = Find(shell, file);
        string text;
        try
        {
            if (path is null)
            {
                throw new ErrnoException(Errno.ENOENT);
            }

            if (shell.IsDirectory(path))
            {
                return await call.FailAsync($"{file}: is a directory");
            }

            text = await ScriptFile.ReadAsync(shell.Process, path);
        }
        catch (ErrnoException error)
        {
            await shell.ReportAsync($"{file}: {ErrnoException.Describe(error.Errno)}");
            return 1;
        }

        var positional = shell.Positional;
        var arguments = call.Arguments.Skip(from.Index + 1).ToList();
        if (arguments.Count > 0)
        {
            shell.Positional = arguments;
        }

        var line = shell.LineNumber;
        shell.Frames.Add(new("source", file, line, false));
        try
        {
            shell.Status = 0;
            var status = await shell.RunTextAsync(text, path);
            if (shell.Flow == Flow.Return)
            {
                status = shell.Leave(Flow.None, shell.Status);
            }

            return status;
        }
        finally
        {
            if (shell.Frames.Count > 0)
            {
                shell.Frames.RemoveAt(shell.Frames.Count - 1);
            }

            if (arguments.Count > 0)
            {
                shell.Positional = positional;
            }

            shell.LineNumber = line;
        }
    }

    private static string? Find(Interpreter shell, string file)
    {
        if (file.Contains('/'))
        {
            return file;
        }

        foreach (var directory in (shell.GetParameter("PATH") ?? "").Split(':'))
        {
            var path = directory.Length == 0 ? file : $"{directory}/{file}";
            try
            {
                if (shell.Process.Stat(path).Kind == FileKind.Regular)
                {
                    return path;
                }
            }
            catch (ErrnoException)
            {
                // Not there.
            }
        }

        return file;
    }
}

/// <summary>exec with a program to run; the shell itself sees to redirections alone.</summary>
internal sealed class ExecBuiltin : Builtin
{
    public override string Name => "exec";

    public override string Usage => "exec [-cl] [-a name] [command [argument ...]] [redirection ...]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call) =>
        call.Arguments.Count == 1 ? 0 : await ReplaceAsync(call.Shell, call.Arguments);

    /// <summary>Runs a program in the shell's place.</summary>
    public static async ValueTask<int> ReplaceAsync(Interpreter shell, IReadOnlyList<string> arguments)
    {
        var call = new BuiltinCall(shell, arguments);
        var scanner = new OptionScanner(call, "cla:");
        var clear = false;
        var login = false;
        string? name = null;
        try
        {
            while (scanner.TryNext(out var letter))
            {
                clear |= letter == 'c';
                login |= letter == 'l';
                name = scanner.Argument ?? name;
            }
        }
        catch (BuiltinUsageException usage)
        {
            await call.FailAsync(usage.Message);
            await shell.WriteErrorAsync($"exec: usage: {new ExecBuiltin().Usage}\n");
            return 2;
        }

        var rest = arguments.Skip(scanner.Index).ToList();
        if (rest.Count == 0)
        {
            return 0;
        }

        var path = shell.FindProgram(rest[0]);
        var shown = rest[0];
        if (path is null)
        {
            await call.FailAsync($"{shown}: not found");
            return Fail(shell, 127);
        }

        name ??= rest[0];
        rest[0] = login ? "-" + name : name;
        if (!shell.Options["monitor"])
        {
            // The exec'd program counts as the same level.
            LowerLevel(shell);
        }

        var environment = clear ? [] : shell.BuildEnvironment(path);
        try
        {
            var status = await shell.Process.ExecuteAsync(path, rest, environment);
            shell.Traps.Take(TrapTable.Exit);
            return shell.Leave(Flow.Exit, status);
        }
        catch (ErrnoException error) when (error.Errno == Errno.ENOEXEC)
        {
            var status = await Interpreter.ExecuteFileAsync(shell.Process, path, rest, environment, shell.ErrorPrefix);
            shell.Traps.Take(TrapTable.Exit);
            return shell.Leave(Flow.Exit, status);
        }
        catch (ErrnoException error)
        {
            var directory = shell.IsDirectory(path);
            if (directory)
            {
                await call.FailAsync($"{shown}: cannot execute: Is a directory");
            }
            else
            {
                await shell.ReportAsync($"{path}: {ErrnoException.Describe(error.Errno)}");
                if (error.Errno != Errno.ENOENT)
                {
                    await call.FailAsync($"{path}: cannot execute: {ErrnoException.Describe(error.Errno)}");
                }
            }

            return Fail(shell, error.Errno == Errno.ENOENT ? 127 : 126);
        }
    }

    private static void LowerLevel(Interpreter shell)
    {
        if (int.TryParse(shell.GetParameter("SHLVL"), out var level) && level > 0)
        {
            shell.SetVariable("SHLVL", (level - 1).ToString());
        }
    }

    private static int Fail(Interpreter shell, int status) =>
        shell.Options.IsShopt("execfail") ? status : shell.Leave(Flow.Exit, status);
}

/// <summary>command.</summary>
internal sealed class CommandBuiltin : Builtin
{
    public override string Name => "command";

    public override string Usage => "command [-pVv] command [arg ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "pVv");
        var letters = scanner.All();
        var rest = call.Arguments.Skip(scanner.Index).ToList();
        if (rest.Count == 0)
        {
            return 0;
        }

        if (letters.Contains('v') || letters.Contains('V'))
        {
            var found = false;
            foreach (var name in rest)
            {
                if (await TypeBuiltin.DescribeAsync(call.Shell, name, letters.Contains('V') ? TypeBuiltin.Style.Long : TypeBuiltin.Style.Command, all: false))
                {
                    found = true;
                }
                else if (letters.Contains('V'))
                {
                    await call.FailAsync($"{name}: not found");
                }
            }

            return found ? 0 : 1;
        }

        return call.Shell.FindBuiltin(rest[0]) is { } builtin
            ? await RunAsync(call.Shell, builtin, rest, call, scanner.Index)
            : await call.Shell.RunProgramAsync(rest, letters.Contains('p') ? "/bin:/usr/bin:/sbin:/usr/sbin" : null);
    }

    /// <summary>Runs a builtin in the place of the one that names it, and moves its compound assignments along.</summary>
    public static ValueTask<int> RunAsync(Interpreter shell, Builtin builtin, List<string> arguments, BuiltinCall call, int offset) =>
        builtin is ExecBuiltin
            ? ExecBuiltin.ReplaceAsync(shell, arguments)
            : shell.RunBuiltinAsync(builtin, arguments, call.Compounds?.ToDictionary(pair => pair.Key - offset, static pair => pair.Value));
}

/// <summary>builtin.</summary>
internal sealed class BuiltinBuiltin : Builtin
{
    public override string Name => "builtin";

    public override string Usage => "builtin [shell-builtin [arg ...]]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "");
        scanner.All();
        var rest = call.Arguments.Skip(scanner.Index).ToList();
        if (rest.Count == 0)
        {
            return 0;
        }

        return call.Shell.FindBuiltin(rest[0]) is { } builtin
            ? await CommandBuiltin.RunAsync(call.Shell, builtin, rest, call, scanner.Index)
            : await call.FailAsync($"{rest[0]}: not a shell builtin");
    }
}
