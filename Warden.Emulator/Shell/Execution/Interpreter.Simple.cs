using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Builtins;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Simple commands.</summary>
internal sealed partial class Interpreter
{
    private int _substitutionStatus;
    private SimpleCommand? _currentCommand;

    private async ValueTask<int> ExecuteSimpleAsync(SimpleCommand command)
    {
        var substitutions = _processDescriptors.Count;
        try
        {
            return await ExecuteSimpleAsync(command, replace: false);
        }
        finally
        {
            CloseProcessSubstitutions(substitutions);
        }
    }

    /// <param name="command">The command.</param>
    /// <param name="replace">Whether a program takes the place of this process, which has nothing else to do.</param>
    private async ValueTask<int> ExecuteSimpleAsync(SimpleCommand command, bool replace)
    {
        LineNumber = command.Line;
        if (Jobs.AnyRunning)
        {
            await ReapAsync();
        }

        if (!_inTrap)
        {
            _currentCommand = command;
        }

        await RunTrapAsync(TrapTable.Debug, inheritable: Options.FunctionTrace);
        _substitutionStatus = 0;
        var (arguments, compounds) = await ExpandArgumentsAsync(command);
        if (arguments.Count == 0)
        {
            return await ExecuteAssignmentsAsync(command);
        }

        var name = arguments[0];
        if (Functions.TryGetValue(name, out var function))
        {
            return await ExecuteWithScopeAsync(command, arguments, () => CallAsync(name, function, arguments));
        }

        if (FindBuiltin(name) is { } builtin)
        {
            return await ExecuteBuiltinAsync(command, builtin, arguments, compounds);
        }

        return await ExecuteProgramAsync(command, arguments, replace);
    }

    /// <summary>The builtin of that name, unless it is switched off.</summary>
    public Builtin? FindBuiltin(string name) => DisabledBuiltins.Contains(name) ? null : BuiltinTable.Find(name);

    private async ValueTask<(List<string> Arguments, Dictionary<int, Assignment>? Compounds)> ExpandArgumentsAsync(SimpleCommand command)
    {
        if (command.Words.Count == 0)
        {
            return ([], null);
        }

        var arguments = new List<string>(command.Words.Count);
        Dictionary<int, Assignment>? compounds = null;
        var declares = false;
        var first = true;
        foreach (var word in command.Words)
        {
            if (declares && word.Assignment is { } assignment)
            {
                if (assignment.Elements is not null)
                {
                    (compounds ??= [])[arguments.Count] = assignment;
                    arguments.Add(assignment.Name);
                }
                else
                {
                    arguments.Add(await ExpandDeclarationAsync(assignment));
                }
            }
            else
            {
                await Expander.ExpandWordAsync(word, arguments);
            }

            if (first && word.PlainText is "declare" or "typeset" or "local" or "export" or "readonly")
            {
                declares = true;
            }

            first = first && word.PlainText is "command" or "builtin";
        }

        return (arguments, compounds);
    }

    private async ValueTask<string> ExpandDeclarationAsync(Assignment assignment)
    {
        var value = await Expander.ExpandToStringAsync(assignment.Value!, assignment: true);
        var subscript = assignment.Subscript is null
            ? ""
            : $"[{await Expander.ExpandSubscriptAsync(Variables.Find(assignment.Name), assignment.Subscript)}]";
        return $"{assignment.Name}{subscript}{(assignment.Append ? "+=" : "=")}{value}";
    }

    private async ValueTask<int> ExecuteAssignmentsAsync(SimpleCommand command)
    {
        var undo = new RedirectionUndo();
        try
        {
            if (command.Redirections.Count > 0 && !await TryRedirectAsync(command.Redirections, undo))
            {
                return 1;
            }

            foreach (var assignment in command.Assignments)
            {
                await AssignAsync(assignment);
            }
        }
        finally
        {
            undo.Restore(Process);
        }

        return _substitutionStatus;
    }

    /// <summary>Runs with the command's assignments in force for it alone, and its redirections.</summary>
    private async ValueTask<int> ExecuteWithScopeAsync(SimpleCommand command, List<string> arguments, Func<ValueTask<int>> run)
    {
        var scoped = command.Assignments.Count > 0;
        var undo = new RedirectionUndo();
        if (scoped)
        {
            Variables.PushScope(function: false);
        }

        try
        {
            foreach (var assignment in command.Assignments)
            {
                var value = await Expander.ExpandToStringAsync(assignment.Value ?? Word.Literal(""), assignment: true);
                if (Variables.FindRaw(assignment.Name) is { } existing)
                {
                    if (existing.Has(VariableAttributes.ReadOnly))
                    {
                        await ReportAsync($"{assignment.Name}: readonly variable");
                        continue;
                    }

                    value = assignment.Append ? existing.Value + value : value;
                }

                var variable = Variables.MakeTemporary(assignment.Name);
                variable.Attributes |= VariableAttributes.Export;
                await TraceLineAsync(Options.Trace ? $"{assignment.Name}={Quoting.Traced(value)}" : "");
                SetVariable(assignment.Name, value);
            }

            await TraceArgumentsAsync(arguments);
            if (command.Redirections.Count > 0 && !await TryRedirectAsync(command.Redirections, undo))
            {
                return 1;
            }

            var status = await run();
            LastArgument = arguments[^1];
            return status;
        }
        finally
        {
            undo.Restore(Process);
            if (scoped)
            {
                Variables.PopScope();
            }
        }
    }

    private async ValueTask<int> ExecuteBuiltinAsync(
        SimpleCommand command, Builtin builtin, List<string> arguments, Dictionary<int, Assignment>? compounds)
    {
        if (builtin is ExecBuiltin)
        {
            return await ExecuteExecAsync(command, arguments);
        }

        if (command.Assignments.Count > 0)
        {
            return await ExecuteWithScopeAsync(command, arguments, () => RunBuiltinAsync(builtin, arguments, compounds));
        }

        await TraceArgumentsAsync(arguments);
        int status;
        if (command.Redirections.Count == 0)
        {
            status = await RunBuiltinAsync(builtin, arguments, compounds);
        }
        else
        {
            var undo = new RedirectionUndo();
            try
            {
                if (!await TryRedirectAsync(command.Redirections, undo))
                {
                    return 1;
                }

                status = await RunBuiltinAsync(builtin, arguments, compounds);
            }
            finally
            {
                undo.Restore(Process);
            }
        }

        LastArgument = arguments[^1];
        return status;
    }

    /// <summary>Runs a builtin; a write that fails is its error.</summary>
    public async ValueTask<int> RunBuiltinAsync(Builtin builtin, IReadOnlyList<string> arguments, IReadOnlyDictionary<int, Assignment>? compounds = null)
    {
        try
        {
            return await builtin.RunAsync(new BuiltinCall(this, arguments, compounds));
        }
        catch (BuiltinUsageException usage)
        {
            if (usage.Message.Length > 0)
            {
                await ReportAsync($"{arguments[0]}: {usage.Message}");
            }

            if (usage.ShowUsage)
            {
                await WriteErrorAsync($"{arguments[0]}: usage: {builtin.Usage}\n");
            }

            return usage.Status;
        }
        catch (ErrnoException error)
        {
            await ReportAsync($"{arguments[0]}: write error: {ErrnoException.Describe(error.Errno)}");
            return 1;
        }
    }

    private async ValueTask<int> ExecuteExecAsync(SimpleCommand command, List<string> arguments)
    {
        foreach (var assignment in command.Assignments)
        {
            await AssignAsync(assignment);
        }

        await TraceArgumentsAsync(arguments);
        var undo = new RedirectionUndo();
        if (!await TryRedirectAsync(command.Redirections, undo))
        {
            undo.Restore(Process);

            // A special builtin: without a program to run the shell goes on, else it ends.
            return arguments.Count == 1 ? 1 : Leave(Flow.Exit, 1);
        }

        if (arguments.Count == 1)
        {
            undo.Keep(Process);
            return 0;
        }

        var status = await ExecBuiltin.ReplaceAsync(this, arguments);
        if (Flow != Flow.Exit)
        {
            undo.Restore(Process);
        }

        return status;
    }

    /// <summary>Calls a function.</summary>
    public async ValueTask<int> CallAsync(string name, ShellFunction function, IReadOnlyList<string> arguments)
    {
        if (Frames.Count >= DeepestCall)
        {
            // The stack of a real shell is full by now.
            Process.DieBy(Signal.SEGV);
        }

        if (GetParameter("FUNCNEST") is { Length: > 0 } most && int.TryParse(most, out var limit) && limit > 0 && Frames.Count >= limit)
        {
            throw new ShellErrorException($"{name}: maximum function nesting level exceeded ({limit})");
        }

        await Process.CheckpointAsync();
        var positional = Positional;
        var line = LineNumber;
        var loops = _loopDepth;
        Positional = [.. arguments.Skip(1)];
        _loopDepth = 0;
        Variables.PushScope(function: true);
        Frames.Add(new(name, function.Source, line, true));
        try
        {
            var status = await ExecuteAsync(function.Definition.Body);
            if (Flow == Flow.Return)
            {
                Flow = Flow.None;
                status = Status;
            }
            else if (Flow is Flow.Break or Flow.Continue)
            {
                Flow = Flow.None;
            }

            if (Flow == Flow.None)
            {
                await RunTrapAsync(TrapTable.Return, inheritable: Options.FunctionTrace || function.Trace || (Frames.Count > 0 && Frames[^1].SetsReturnTrap));
            }

            return status;
        }
        finally
        {
            if (Frames.Count > 0)
            {
                Frames.RemoveAt(Frames.Count - 1);
            }

            Variables.PopScope();
            Positional = positional;
            _loopDepth = loops;
            LineNumber = line;
        }
    }
}
