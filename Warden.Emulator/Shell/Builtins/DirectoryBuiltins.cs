using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>cd.</summary>
internal sealed class ChangeDirectoryBuiltin : Builtin
{
    public override string Name => "cd";

    public override string Usage => "cd [-L|[-P [-e]] [-@]] [dir]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var physical = shell.Options.Physical;
        var scanner = new OptionScanner(call, "LPe@");
        while (scanner.TryNext(out var letter))
        {
            physical = letter == 'P' || (letter != 'L' && physical);
        }

        if (call.Arguments.Count > scanner.Index + 1)
        {
            return await call.FailAsync("too many arguments");
        }

        string target;
        var print = false;
        if (call.Arguments.Count == scanner.Index)
        {
            if (shell.GetParameter("HOME") is not { } home)
            {
                return await call.FailAsync("HOME not set");
            }

            target = home;
        }
        else if (call.Arguments[scanner.Index] == "-")
        {
            if (shell.GetParameter("OLDPWD") is not { } old)
            {
                return await call.FailAsync("OLDPWD not set");
            }

            target = old;
            print = true;
        }
        else
        {
            target = call.Arguments[scanner.Index];
            if (!target.StartsWith('/') && !target.StartsWith("./", StringComparison.Ordinal) && !target.StartsWith("../", StringComparison.Ordinal)
                && target is not ("." or "..") && shell.GetParameter("CDPATH") is { Length: > 0 } search)
            {
                foreach (var directory in search.Split(':'))
                {
                    var candidate = directory.Length == 0 ? target : $"{directory.TrimEnd('/')}/{target}";
                    if (shell.IsDirectory(candidate))
                    {
                        print = directory.Length > 0;
                        target = candidate;
                        break;
                    }
                }
            }
        }

        if (target.Length == 0)
        {
            return 0;
        }

        try
        {
            Change(shell, target, physical);
        }
        catch (ErrnoException error)
        {
            return await call.FailAsync($"{target}: {ErrnoException.Describe(error.Errno)}");
        }

        if (print)
        {
            await shell.WriteAsync(shell.WorkingDirectory + "\n");
        }

        return 0;
    }

    /// <summary>Changes the directory with PWD and OLDPWD.</summary>
    public static void Change(Interpreter shell, string target, bool physical)
    {
        var logical = Normalize(target.StartsWith('/') ? target : $"{shell.WorkingDirectory}/{target}");
        if (physical)
        {
            shell.Process.ChangeDirectory(target);
            logical = shell.Process.CurrentDirectory;
        }
        else
        {
            // Checked as written: a/.. needs an a.
            shell.Process.Stat(target.StartsWith('/') ? target : $"{shell.WorkingDirectory.TrimEnd('/')}/{target}");
            shell.Process.ChangeDirectory(logical);
        }

        shell.SetVariable("OLDPWD", shell.GetParameter("PWD") ?? shell.WorkingDirectory);
        shell.Variables.GetOrCreate("OLDPWD").Attributes |= VariableAttributes.Export;
        shell.WorkingDirectory = logical;
        shell.SetVariable("PWD", logical);
        shell.Variables.GetOrCreate("PWD").Attributes |= VariableAttributes.Export;
    }

    private static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }
}

/// <summary>pwd.</summary>
internal sealed class PrintDirectoryBuiltin : Builtin
{
    public override string Name => "pwd";

    public override string Usage => "pwd [-LP]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var physical = call.Shell.Options.Physical;
        var scanner = new OptionScanner(call, "LP");
        while (scanner.TryNext(out var letter))
        {
            physical = letter == 'P';
        }

        await call.Shell.WriteAsync((physical ? call.Shell.Process.CurrentDirectory : call.Shell.WorkingDirectory) + "\n");
        return 0;
    }
}

/// <summary>dirs, pushd and popd.</summary>
internal sealed class DirectoryStackBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => name switch
    {
        "dirs" => "dirs [-clpv] [+N] [-N]",
        "pushd" => "pushd [-n] [+N | -N | dir]",
        _ => "popd [-n] [+N | -N]",
    };

    public override ValueTask<int> RunAsync(BuiltinCall call) => name switch
    {
        "dirs" => ListAsync(call, call.Arguments.Skip(1)),
        "pushd" => PushAsync(call),
        _ => PopAsync(call),
    };

    private static async ValueTask<int> ListAsync(BuiltinCall call, IEnumerable<string> options)
    {
        var shell = call.Shell;
        var stack = shell.DirectoryStack.Prepend(shell.WorkingDirectory).ToList();
        var home = shell.GetParameter("HOME");
        var letters = string.Concat(options.Where(static option => option.StartsWith('-') && option.Length > 1 && !char.IsAsciiDigit(option[1])));
        if (letters.Contains('c'))
        {
            shell.DirectoryStack.Clear();
            return 0;
        }

        string Show(string path) => !letters.Contains('l') && !string.IsNullOrEmpty(home) && home != "/"
            && (path == home || path.StartsWith(home + "/", StringComparison.Ordinal)) ? "~" + path[home.Length..] : path;
        foreach (var option in options)
        {
            if (option.Length > 1 && option[0] is '+' or '-' && int.TryParse(option.AsSpan(1), out var number))
            {
                var index = option[0] == '+' ? number : stack.Count - 1 - number;
                if (index < 0 || index >= stack.Count)
                {
                    return await call.FailAsync($"{option}: directory stack index out of range");
                }

                await shell.WriteAsync(Show(stack[index]) + "\n");
                return 0;
            }
        }

        if (letters.Contains('v'))
        {
            await shell.WriteAsync(string.Concat(stack.Select((path, index) => $"{index,2}  {Show(path)}\n")));
        }
        else
        {
            await shell.WriteAsync(string.Join(letters.Contains('p') ? '\n' : ' ', stack.Select(Show)) + "\n");
        }

        return 0;
    }

    private static async ValueTask<int> PushAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var old = shell.WorkingDirectory;
        var arguments = call.Arguments.Skip(1).Where(static argument => argument != "-n").ToList();
        var stay = arguments.Count < call.Arguments.Count - 1;
        if (arguments.Count == 0)
        {
            if (shell.DirectoryStack.Count == 0)
            {
                return await call.FailAsync("no other directory");
            }

            return await MoveAsync(call, shell.DirectoryStack[0], stack => stack[0] = old);
        }

        if (arguments[0].Length > 1 && arguments[0][0] is '+' or '-' && int.TryParse(arguments[0].AsSpan(1), out var number))
        {
            var all = shell.DirectoryStack.Prepend(old).ToList();
            var index = arguments[0][0] == '+' ? number : all.Count - 1 - number;
            if (index < 0 || index >= all.Count)
            {
                return await call.FailAsync($"{arguments[0]}: directory stack index out of range");
            }

            List<string> rotated = [.. all[index..], .. all[..index]];
            return await MoveAsync(call, rotated[0], stack =>
            {
                stack.Clear();
                stack.AddRange(rotated.Skip(1));
            });
        }

        if (stay)
        {
            shell.DirectoryStack.Insert(0, arguments[0]);
            return await ListAsync(call, []);
        }

        return await MoveAsync(call, arguments[0], stack => stack.Insert(0, old));
    }

    private static async ValueTask<int> PopAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var arguments = call.Arguments.Skip(1).Where(static argument => argument != "-n").ToList();
        if (shell.DirectoryStack.Count == 0)
        {
            return await call.FailAsync("directory stack empty");
        }

        if (arguments.Count > 0 && arguments[0].Length > 1 && int.TryParse(arguments[0].AsSpan(1), out var number))
        {
            var index = arguments[0][0] == '+' ? number : shell.DirectoryStack.Count - number;
            if (index < 0 || index > shell.DirectoryStack.Count)
            {
                return await call.FailAsync($"{arguments[0]}: directory stack index out of range");
            }

            if (index > 0)
            {
                shell.DirectoryStack.RemoveAt(index - 1);
                return await ListAsync(call, []);
            }
        }

        return await MoveAsync(call, shell.DirectoryStack[0], static stack => stack.RemoveAt(0));
    }

    private static async ValueTask<int> MoveAsync(BuiltinCall call, string target, Action<List<string>> change)
    {
        try
        {
            ChangeDirectoryBuiltin.Change(call.Shell, target, physical: false);
        }
        catch (ErrnoException error)
        {
            return await call.FailAsync($"{target}: {ErrnoException.Describe(error.Errno)}");
        }

        change(call.Shell.DirectoryStack);
        return await ListAsync(call, []);
    }
}
