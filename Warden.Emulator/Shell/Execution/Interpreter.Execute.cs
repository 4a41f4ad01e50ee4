using System.Runtime.CompilerServices;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Execution of commands by their kind.</summary>
internal sealed partial class Interpreter
{
    public async ValueTask<int> ExecuteAsync(Command command)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            // The rest of the recursion starts on a fresh stack.
            await Task.Yield();
        }

        try
        {
            var status = command.Redirections.Count > 0 && command is not (SimpleCommand or SubshellCommand)
                ? await ExecuteRedirectedAsync(command)
                : await DispatchAsync(command);

            // A trap may have left the shell meanwhile, with a status of its own.
            Status = Flow == Flow.Exit ? Status : status;
        }
        catch (ShellErrorException error)
        {
            if (error.Message.Length > 0)
            {
                await ReportAsync(error.Message);
            }

            Status = error.Status;
            Flow = error.Reach == ErrorReach.Exit ? Flow.Exit : Flow.Discard;
            return Status;
        }
        catch (InsufficientExecutionStackException)
        {
            // Recursion that cannot be continued elsewhere ends as one that fills a real stack.
            Process.DieBy(Signal.SEGV);
            throw;
        }

        if (command is SimpleCommand or SubshellCommand or ArithmeticCommand or ConditionalCommand or PipelineCommand { Negated: false })
        {
            if (command is not PipelineCommand)
            {
                PipeStatus = [Status];
            }

            if (Status != 0 && Flow == Flow.None && _conditionDepth == 0)
            {
                await OnFailureAsync();
            }
        }

        if (Process.HasPendingSignal)
        {
            await RunPendingTrapsAsync();
        }

        return Status;
    }

    private async ValueTask OnFailureAsync()
    {
        await RunTrapAsync(TrapTable.Error, inheritable: Options.ErrorTrace);
        if (Options.ErrorExit && Flow == Flow.None)
        {
            Flow = Flow.Exit;
        }
    }

    private ValueTask<int> DispatchAsync(Command command) => command switch
    {
        SimpleCommand simple => ExecuteSimpleAsync(simple),
        ListCommand list => ExecuteListAsync(list),
        AndOrCommand both => ExecuteAndOrAsync(both),
        PipelineCommand pipeline => ExecutePipelineAsync(pipeline),
        GroupCommand group => ExecuteAsync(group.Body),
        SubshellCommand subshell => ExecuteSubshellAsync(subshell),
        IfCommand branch => ExecuteIfAsync(branch),
        ForCommand { Select: true } select => ExecuteSelectAsync(select),
        ForCommand loop => ExecuteForAsync(loop),
        ArithmeticForCommand loop => ExecuteArithmeticForAsync(loop),
        WhileCommand loop => ExecuteWhileAsync(loop),
        CaseCommand choice => ExecuteCaseAsync(choice),
        FunctionCommand function => DefineAsync(function),
        ArithmeticCommand arithmetic => ExecuteArithmeticAsync(arithmetic),
        ConditionalCommand conditional => ExecuteConditionalAsync(conditional),
        CoprocessCommand coprocess => ExecuteCoprocessAsync(coprocess),
        _ => throw new InvalidOperationException($"No execution for {command.GetType().Name}."),
    };

    private async ValueTask<int> ExecuteRedirectedAsync(Command command)
    {
        var undo = new RedirectionUndo();
        var substitutions = _processDescriptors.Count;
        try
        {
            if (!await TryRedirectAsync(command.Redirections, undo))
            {
                return 1;
            }

            return await DispatchAsync(command);
        }
        finally
        {
            undo.Restore(Process);
            CloseProcessSubstitutions(substitutions);
        }
    }

    private async ValueTask<int> ExecuteListAsync(ListCommand list)
    {
        var status = 0;
        foreach (var (command, background) in list.Items)
        {
            if (background)
            {
                status = StartBackground(command);
                Status = status;
            }
            else
            {
                status = await ExecuteAsync(command);
            }

            if (Flow != Flow.None)
            {
                return Status;
            }
        }

        return status;
    }

    private async ValueTask<int> ExecuteAndOrAsync(AndOrCommand command)
    {
        _conditionDepth++;
        int status;
        try
        {
            status = await ExecuteAsync(command.Left);
        }
        finally
        {
            _conditionDepth--;
        }

        return Flow != Flow.None || (status == 0) != command.And ? status : await ExecuteAsync(command.Right);
    }

    private async ValueTask<int> ExecuteTestAsync(Command command)
    {
        _conditionDepth++;
        try
        {
            return await ExecuteAsync(command);
        }
        finally
        {
            _conditionDepth--;
        }
    }

    private async ValueTask<int> ExecuteIfAsync(IfCommand command)
    {
        foreach (var (test, body) in command.Branches)
        {
            var status = await ExecuteTestAsync(test);
            if (Flow != Flow.None)
            {
                return status;
            }

            if (status == 0)
            {
                return await ExecuteAsync(body);
            }
        }

        return command.Otherwise is null ? 0 : await ExecuteAsync(command.Otherwise);
    }

    private async ValueTask<int> ExecuteWhileAsync(WhileCommand command)
    {
        var status = 0;
        _loopDepth++;
        try
        {
            while (true)
            {
                await Process.CheckpointAsync();
                var test = await ExecuteTestAsync(command.Test);
                if (EndsLoop())
                {
                    return Flow == Flow.None ? status : test;
                }

                if ((test == 0) == command.Until)
                {
                    return status;
                }

                status = await ExecuteAsync(command.Body);
                if (EndsLoop())
                {
                    return Status;
                }
            }
        }
        finally
        {
            _loopDepth--;
        }
    }

    /// <summary>Whether the loop that ran a command is over: takes its share of break and continue.</summary>
    private bool EndsLoop()
    {
        switch (Flow)
        {
            case Flow.None:
                return false;
            case Flow.Break:
                if (--_flowCount <= 0)
                {
                    Flow = Flow.None;
                }

                return true;
            case Flow.Continue:
                if (--_flowCount <= 0)
                {
                    Flow = Flow.None;
                    return false;
                }

                return true;
            default:
                return true;
        }
    }

    private async ValueTask<int> ExecuteForAsync(ForCommand command)
    {
        LineNumber = command.Line;
        if (!Names.IsName(command.Variable))
        {
            await ReportAsync($"`{command.Variable}': not a valid identifier");
            return 1;
        }

        var values = command.Words is null ? [.. Positional] : await Expander.ExpandWordsAsync(command.Words);
        var status = 0;
        _loopDepth++;
        try
        {
            foreach (var value in values)
            {
                await Process.CheckpointAsync();
                LineNumber = command.Line;
                await TraceAsync(command);
                await RunTrapAsync(TrapTable.Debug, inheritable: Options.FunctionTrace);
                SetVariable(command.Variable, value);
                status = await ExecuteAsync(command.Body);
                if (EndsLoop())
                {
                    return Status;
                }
            }
        }
        finally
        {
            _loopDepth--;
        }

        return status;
    }

    private async ValueTask<int> ExecuteArithmeticForAsync(ArithmeticForCommand command)
    {
        LineNumber = command.Line;
        var status = 0;
        _loopDepth++;
        try
        {
            if (await EvaluateLoopAsync(command.Initial, 1) is null)
            {
                return 1;
            }

            while (true)
            {
                await Process.CheckpointAsync();
                LineNumber = command.Line;
                if (await EvaluateLoopAsync(command.Test, 1) is not { } test)
                {
                    return 1;
                }

                if (test == 0)
                {
                    return status;
                }

                status = await ExecuteAsync(command.Body);
                if (EndsLoop())
                {
                    return Status;
                }

                if (await EvaluateLoopAsync(command.Step, 1) is null)
                {
                    return 1;
                }
            }
        }
        finally
        {
            _loopDepth--;
        }
    }

    private async ValueTask<long?> EvaluateLoopAsync(Word expression, long empty)
    {
        var text = await Expander.ExpandQuotedAsync(expression);
        if (string.IsNullOrWhiteSpace(text))
        {
            return empty;
        }

        await TraceLineAsync($"(( {text} ))");
        return await EvaluateReportedAsync(text, "((: ");
    }

    private async ValueTask<int> ExecuteArithmeticAsync(ArithmeticCommand command)
    {
        LineNumber = command.Line;
        await RunTrapAsync(TrapTable.Debug, inheritable: Options.FunctionTrace);
        var text = await Expander.ExpandQuotedAsync(command.Expression);
        await TraceLineAsync($"(( {text} ))");
        return await EvaluateReportedAsync(text, "((: ") is { } value && value != 0 ? 0 : 1;
    }

    /// <summary>Evaluates and reports an error; null then.</summary>
    public async ValueTask<long?> EvaluateReportedAsync(string text, string prefix)
    {
        try
        {
            return ArithmeticEvaluator.Evaluate(text, this);
        }
        catch (ArithmeticErrorException error)
        {
            await ReportAsync(prefix + error.Message);
            return null;
        }
    }

    private async ValueTask<int> ExecuteConditionalAsync(ConditionalCommand command)
    {
        LineNumber = command.Line;
        await RunTrapAsync(TrapTable.Debug, inheritable: Options.FunctionTrace);
        return await new ConditionEvaluator(this).EvaluateAsync(command.Condition);
    }

    private async ValueTask<int> ExecuteCaseAsync(CaseCommand command)
    {
        LineNumber = command.Line;
        await RunTrapAsync(TrapTable.Debug, inheritable: Options.FunctionTrace);
        await TraceLineAsync(Options.Trace ? $"case {command.Subject.Source} in" : "");
        var subject = await Expander.ExpandToStringAsync(command.Subject);
        var status = 0;
        var matched = false;
        foreach (var clause in command.Clauses)
        {
            if (!matched)
            {
                foreach (var pattern in clause.Patterns)
                {
                    if (PatternMatcher.IsMatch(await Expander.ExpandPatternAsync(pattern), subject, Options.ExtendedPatterns, Options.NoCaseMatch))
                    {
                        matched = true;
                        break;
                    }
                }
            }

            if (!matched)
            {
                continue;
            }

            status = clause.Body is null ? 0 : await ExecuteAsync(clause.Body);
            if (Flow != Flow.None || clause.End == CaseEnd.Break)
            {
                return status;
            }

            matched = clause.End == CaseEnd.FallThrough;
        }

        return status;
    }

    private async ValueTask<int> DefineAsync(FunctionCommand command)
    {
        if (Functions.TryGetValue(command.Name, out var existing) && existing.ReadOnly)
        {
            LineNumber = command.Line;
            await ReportAsync($"{command.Name}: readonly function");
            return 1;
        }

        Functions[command.Name] = new(command, Frames.Count > 0 ? Frames[^1].Source : ScriptSourceName) { Exported = existing?.Exported ?? false };
        return 0;
    }
}
