using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Pipelines, subshells and background commands.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Forks a process in which a copy of the shell runs.</summary>
    private Process Fork(Interpreter copy, Func<Interpreter, ValueTask<int>> body, Action<Process>? prepare = null) =>
        Process.Fork(async process =>
        {
            copy.Process = process;
            RestoreSignals(process, copy.Traps.ResetForChild());
            prepare?.Invoke(process);
            try
            {
                copy.Status = await body(copy);
            }
            catch (ShellErrorException error)
            {
                if (error.Message.Length > 0)
                {
                    await copy.ReportAsync(error.Message);
                }

                copy.Status = error.Status;
                copy.Leave(Flow.Exit, error.Status);
            }

            return await copy.FinishAsync();
        });

    private static void RestoreSignals(Process process, IReadOnlyList<Signal> trapped)
    {
        foreach (var signal in trapped)
        {
            process.SetSignalAction(signal, SignalAction.Default);
        }
    }

    /// <summary>Runs a command as the only thing that a process does.</summary>
    private ValueTask<int> ExecuteAloneAsync(Command command)
    {
        if (command is SimpleCommand simple && !Traps.Any)
        {
            return ExecuteAloneSimpleAsync(simple);
        }

        return ExecuteAsync(command);
    }

    private async ValueTask<int> ExecuteAloneSimpleAsync(SimpleCommand command)
    {
        try
        {
            var status = await ExecuteSimpleAsync(command, replace: true);
            Status = Flow == Flow.Exit ? Status : status;
        }
        catch (ShellErrorException error)
        {
            if (error.Message.Length > 0)
            {
                await ReportAsync(error.Message);
            }

            return Leave(Flow.Exit, error.Status);
        }

        PipeStatus = [Status];
        if (Status != 0 && Flow == Flow.None && _conditionDepth == 0)
        {
            await OnFailureAsync();
        }

        return Status;
    }

    private async ValueTask<int> ExecuteSubshellAsync(SubshellCommand command)
    {
        LineNumber = command.Line;
        var copy = Clone();
        var child = Fork(copy, shell => shell.ExecuteSubshellBodyAsync(command));
        return await WaitForegroundAsync([child.Id], command);
    }

    private async ValueTask<int> ExecuteSubshellBodyAsync(SubshellCommand command)
    {
        _loopDepth = 0;
        if (command.Redirections.Count > 0 && !await TryRedirectAsync(command.Redirections, new RedirectionUndo()))
        {
            return 1;
        }

        return await ExecuteAloneAsync(command.Body);
    }

    private async ValueTask<int> ExecutePipelineAsync(PipelineCommand command)
    {
        if (command.Negated)
        {
            _conditionDepth++;
        }

        var started = Process.Clock.GetTimestamp();
        var before = command.Timed ? Process.ProcessorTime : default;
        int status;
        try
        {
            status = command.Commands.Count == 1
                ? await ExecuteAsync(command.Commands[0])
                : await ExecutePipesAsync(command);
        }
        finally
        {
            if (command.Negated)
            {
                _conditionDepth--;
            }
        }

        if (command.Timed)
        {
            await WriteErrorAsync(TimeReport.Format(this, Process.Clock.GetElapsedTime(started), before, Process.ProcessorTime, command.TimedPortably));
        }

        return command.Negated && Flow is not (Flow.Exit or Flow.Return) ? status == 0 ? 1 : 0 : status;
    }

    private async ValueTask<int> ExecutePipesAsync(PipelineCommand command)
    {
        var inShell = Options.LastPipe && !Options.Monitor;
        var count = command.Commands.Count;
        var (children, read) = StartPipeline(command.Commands, inShell ? count - 1 : count, background: false);
        if (!inShell)
        {
            return await WaitForegroundAsync(children, command);
        }

        var undo = new RedirectionUndo();
        int last;
        try
        {
            undo.Save(Process, 0);
            Process.DuplicateTo(read, 0);
            Process.Close(read);
            last = await ExecuteAsync(command.Commands[^1]);
        }
        finally
        {
            undo.Restore(Process);
        }

        var flow = Flow;
        await WaitForegroundAsync(children, command);
        Flow = flow;
        PipeStatus = [.. PipeStatus, last];
        return Options.PipeFail ? PipeStatus.LastOrDefault(static status => status != 0) : last;
    }

    private (List<int> Children, int Read) StartPipeline(IReadOnlyList<Command> commands, int count, bool background)
    {
        var children = new List<int>();
        var input = -1;
        for (var i = 0; i < count; i++)
        {
            var from = input;
            var (read, write) = i < commands.Count - 1 ? Process.Pipe() : (-1, -1);
            var body = commands[i];
            var first = i == 0;
            var copy = Clone();
            copy._jobsOfParent = body is SimpleCommand ? [.. ShownJobs] : [];
            var child = Fork(
                copy,
                async shell =>
                {
                    shell._loopDepth = 0;
                    if (background && first)
                    {
                        await shell.DetachInputAsync();
                    }

                    // The process is the subshell already: whoever kills it must find nothing left behind.
                    return body is SubshellCommand subshell
                        ? await shell.ExecuteSubshellBodyAsync(subshell)
                        : await shell.ExecuteAloneAsync(body);
                },
                process =>
                {
                    Connect(process, from, write, read);
                    if (background)
                    {
                        process.SetSignalAction(Signal.INT, SignalAction.Ignore);
                        process.SetSignalAction(Signal.QUIT, SignalAction.Ignore);
                    }
                });
            children.Add(child.Id);
            if (from >= 0)
            {
                Process.Close(from);
            }

            if (write >= 0)
            {
                Process.Close(write);
            }

            input = read;
        }

        return (children, input);
    }

    private static void Connect(Process process, int input, int output, int otherEnd)
    {
        if (input >= 0)
        {
            process.DuplicateTo(input, 0);
            process.Close(input);
        }

        if (output >= 0)
        {
            process.DuplicateTo(output, 1);
            process.Close(output);
        }

        if (otherEnd >= 0)
        {
            process.Close(otherEnd);
        }
    }

    // Without job control a background command reads nothing.
    private async ValueTask DetachInputAsync()
    {
        try
        {
            var fd = await Process.OpenAsync("/dev/null", FileSystem.OpenFlags.Read);
            if (fd != 0)
            {
                Process.DuplicateTo(fd, 0);
                Process.Close(fd);
            }
        }
        catch (ErrnoException)
        {
            // A root file system without /dev/null: the input stays.
        }
    }

    private int StartBackground(Command command)
    {
        var commands = command is PipelineCommand { Negated: false, Timed: false } pipeline ? pipeline.Commands : [command];
        var (children, _) = StartPipeline(commands, commands.Count, background: true);
        LastBackgroundId = children[^1];
        Jobs.Add(children, command, LineNumber);
        return 0;
    }

    private async ValueTask<int> ExecuteCoprocessAsync(CoprocessCommand command)
    {
        LineNumber = command.Line;
        var (inputRead, inputWrite) = Process.Pipe();
        var (outputRead, outputWrite) = Process.Pipe();
        var copy = Clone();
        var child = Fork(copy, shell => shell.ExecuteAloneAsync(command.Body), process =>
        {
            process.Close(inputWrite);
            process.Close(outputRead);
            Connect(process, inputRead, outputWrite, -1);
        });
        Process.Close(inputRead);
        Process.Close(outputWrite);
        var read = Process.Duplicate(outputRead, 60, closeOnExec: true);
        var write = Process.Duplicate(inputWrite, 60, closeOnExec: true);
        Process.Close(outputRead);
        Process.Close(inputWrite);
        Variables.Unset(command.Name);
        Variables.SetElement(command.Name, "0", read.ToString());
        Variables.SetElement(command.Name, "1", write.ToString());
        SetVariable(command.Name + "_PID", child.Id.ToString());
        LastBackgroundId = child.Id;
        Jobs.Add([child.Id], command.Body, LineNumber);
        await Process.CheckpointAsync();
        return 0;
    }

    /// <summary>Runs a command substitution and returns its output without the newlines at its end.</summary>
    public async ValueTask<string> SubstituteAsync(CommandSubstitutionPart part)
    {
        if (part.Body is SimpleCommand { Words.Count: 0, Assignments.Count: 0, Redirections: [{ Kind: RedirectionKind.Input } file] })
        {
            return await ReadSubstitutedFileAsync(file);
        }

        var (read, write) = Process.Pipe();
        var copy = Clone();
        copy._jobsOfParent = [.. ShownJobs];
        if (!Options.InheritErrorExit && !Options.Posix)
        {
            copy.Options.TrySet("errexit", false);
        }

        var child = Fork(copy, shell => shell.ExecuteSubstitutionAsync(part), process => Connect(process, -1, write, read));
        Process.Close(write);
        string output;
        try
        {
            output = await ReadOutputAsync(read);
        }
        finally
        {
            Process.Close(read);
        }

        var status = await Process.WaitAsync(child.Id);
        _substitutionStatus = Status = status?.Status.ShellStatus ?? 127;
        return output;
    }

    private ValueTask<int> ExecuteSubstitutionAsync(CommandSubstitutionPart part)
    {
        _loopDepth = 0;
        TraceDepth++;
        if (part.Body is not null)
        {
            return ExecuteAloneAsync(part.Body);
        }

        return RunScriptAsync(new TextSource(part.Source!), $"{ProgramName}: command substitution", LineNumber);
    }

    private async ValueTask<string> ReadSubstitutedFileAsync(Redirection redirection)
    {
        var undo = new RedirectionUndo();
        try
        {
            if (!await TryRedirectAsync([redirection], undo))
            {
                _substitutionStatus = Status = 1;
                return "";
            }

            _substitutionStatus = Status = 0;
            return await ReadOutputAsync(redirection.Descriptor);
        }
        finally
        {
            undo.Restore(Process);
        }
    }

    private async ValueTask<string> ReadOutputAsync(int fd)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[4096];
        var accounted = 0L;
        var ignored = false;
        try
        {
            while (true)
            {
                var count = await Process.ReadAsync(fd, buffer);
                if (count == 0)
                {
                    break;
                }

                for (var i = 0; i < count; i++)
                {
                    if (buffer[i] == 0)
                    {
                        ignored = true;
                        continue;
                    }

                    text.Append((char)buffer[i]);
                }

                if (text.Length - accounted > 65536)
                {
                    Process.Allocate(text.Length - accounted);
                    accounted = text.Length;
                }

                if (count == buffer.Length && buffer.Length < 65536)
                {
                    buffer = new byte[buffer.Length * 4];
                }
            }
        }
        finally
        {
            if (accounted > 0)
            {
                Process.Free(accounted);
            }
        }

        if (ignored)
        {
            await ReportAsync("warning: command substitution: ignored null byte in input");
        }

        var length = text.Length;
        while (length > 0 && text[length - 1] == '\n')
        {
            length--;
        }

        return text.ToString(0, length);
    }

    /// <summary>Starts a process substitution and returns the path of its pipe.</summary>
    public string SubstituteProcess(ProcessSubstitutionPart part)
    {
        var (read, write) = Process.Pipe();
        var copy = Clone();
        var child = Fork(copy, shell => shell.ExecuteAloneAsync(part.Body), process =>
        {
            if (part.Output)
            {
                Connect(process, read, -1, write);
            }
            else
            {
                Connect(process, -1, write, read);
            }
        });
        var mine = part.Output ? write : read;
        Process.Close(part.Output ? read : write);
        var fd = 63;
        while (fd > 10 && Process.TryGetFile(fd, out _))
        {
            fd--;
        }

        Process.DuplicateTo(mine, fd);
        Process.Close(mine);
        _processDescriptors.Add(fd);
        Jobs.AddHidden(child.Id);
        LastBackgroundId = child.Id;
        return $"/dev/fd/{fd}";
    }

    private readonly List<int> _processDescriptors = [];
    private IReadOnlyList<Job> _jobsOfParent = [];

    /// <summary>Closes the pipes of process substitutions once their command is done.</summary>
    private void CloseProcessSubstitutions(int keep)
    {
        while (_processDescriptors.Count > keep)
        {
            var fd = _processDescriptors[^1];
            _processDescriptors.RemoveAt(_processDescriptors.Count - 1);
            if (Process.TryGetFile(fd, out _))
            {
                Process.Close(fd);
            }
        }
    }
}
