using Warden.Emulator.Machine;
using Warden.Emulator.Programs;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell;

/// <summary>bash: the standard input, -c STRING or a file as its script.</summary>
internal sealed class BashProgram : EmulatedProgram
{
    private const string Version =
        "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022 Free Software Foundation, Inc.\n"
        + "License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and "
        + "redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Paths => ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"];

    /// <inheritdoc/>
    public override async ValueTask<int> RunAsync(Process process)
    {
        var call = Invocation.Parse(process.Arguments);
        if (call.Error is not null)
        {
            await process.WriteAsync(2, $"{call.Name}: {call.Error}\n");
            return 2;
        }

        if (call.ShowVersion)
        {
            await process.WriteAsync(1, Version);
            return 0;
        }

        var shell = new Interpreter(process, call.Command is not null && call.Operands.Count > 0 ? call.Operands[0] : call.File ?? call.Name)
        {
            CommandString = call.Command is not null,
            ReadsStandardInput = call.Command is null && call.File is null,
            ScriptSourceName = call.Command is not null ? "environment" : call.File ?? "main",
        };
        shell.Initialize(process.Environment);
        NoteIgnoredSignals(shell);
        await ImportFunctionsAsync(shell);
        foreach (var (name, on) in call.Options)
        {
            shell.Options.TrySet(name, on);
        }

        foreach (var (name, on) in call.Shopts)
        {
            shell.Options.TryShopt(name, on);
        }

        shell.Positional = call.Command is not null ? [.. call.Operands.Skip(1)] : [.. call.Operands];
        if (call.Command is not null)
        {
            shell.ExecutesLast = !call.Command.TrimEnd('\n').Contains('\n', StringComparison.Ordinal);
            await shell.RunScriptAsync(new VerboseSource(new TextSource(call.Command), shell), $"{shell.ProgramName}: -c", topLevel: true);
        }
        else if (call.File is not null)
        {
            await RunFileAsync(shell, call);
        }
        else
        {
            await shell.RunScriptAsync(new VerboseSource(new DescriptorSource(process, 0), shell), shell.ProgramName, topLevel: true);
        }

        return await shell.FinishAsync();
    }

    private static async ValueTask RunFileAsync(Interpreter shell, Invocation call)
    {
        var process = shell.Process;
        int fd;
        try
        {
            var path = call.File!;
            if (!path.Contains('/') && !Exists(process, path) && shell.FindProgram(path) is { } found)
            {
                path = found;
            }

            if (shell.IsDirectory(path))
            {
                await process.WriteAsync(2, $"{call.File}: {call.File}: Is a directory\n");
                shell.Status = 126;
                return;
            }

            var opened = await process.OpenAsync(path, FileSystem.OpenFlags.Read);
            fd = process.Duplicate(opened, 255, closeOnExec: true);
            process.Close(opened);
        }
        catch (ErrnoException error)
        {
            await process.WriteAsync(2, $"{call.Name}: {call.File}: {ErrnoException.Describe(error.Errno)}\n");
            shell.Status = error.Errno == Errno.ENOENT ? 127 : 126;
            return;
        }

        await shell.RunScriptAsync(new VerboseSource(new DescriptorSource(process, fd), shell), shell.ProgramName, topLevel: true);
    }

    private static bool Exists(Process process, string path)
    {
        try
        {
            process.Stat(path);
            return true;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    private static void NoteIgnoredSignals(Interpreter shell)
    {
        for (var number = 1; number <= 31; number++)
        {
            if (shell.Process.GetSignalAction((Signal)number) == SignalAction.Ignore)
            {
                shell.IgnoredAtStart.Add(number);
            }
        }
    }

    // Functions come in variables named BASH_FUNC_name%%.
    private static async ValueTask ImportFunctionsAsync(Interpreter shell)
    {
        foreach (var (name, value) in shell.Process.Environment)
        {
            if (!name.StartsWith("BASH_FUNC_", StringComparison.Ordinal) || !name.EndsWith("%%", StringComparison.Ordinal)
                || !value.StartsWith("() ", StringComparison.Ordinal))
            {
                continue;
            }

            var function = name[10..^2];
            try
            {
                var parser = new Parser(new TextSource($"{function} {value}"), shell);
                if (await parser.ParseCommandAsync() is FunctionCommand definition && await parser.ParseCommandAsync() is null)
                {
                    shell.Functions[function] = new(definition, "environment") { Exported = true };
                }
            }
            catch (SyntaxErrorException)
            {
                await shell.WriteErrorAsync($"{shell.ProgramName}: error importing function definition for `{function}'\n");
            }
        }
    }
}
