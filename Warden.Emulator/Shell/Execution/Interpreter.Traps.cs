using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Traps.</summary>
internal sealed partial class Interpreter
{
    private bool _inTrap;

    /// <summary>Runs the traps of signals that came while a command ran.</summary>
    public async ValueTask RunPendingTrapsAsync()
    {
        while (Flow is not Flow.Exit && Process.TryTakeSignal(out var signal))
        {
            if (Traps.Get((int)signal) is { Length: > 0 } action)
            {
                await RunActionAsync(action, "trap");
            }
        }
    }

    /// <summary>Runs the trap of something that is no signal.</summary>
    /// <param name="number">Which.</param>
    /// <param name="inheritable">Whether functions and subshells have it too.</param>
    private ValueTask RunTrapAsync(int number, bool inheritable)
    {
        if (!Traps.Any || _inTrap || Traps.Get(number) is not { Length: > 0 } action || ((InFunction || SubshellDepth > 0 && Traps.Inherited) && !inheritable))
        {
            return default;
        }

        return RunPseudoTrapAsync(action);
    }

    private async ValueTask RunPseudoTrapAsync(string action)
    {
        _inTrap = true;
        try
        {
            await RunActionAsync(action, "trap");
        }
        finally
        {
            _inTrap = false;
        }
    }

    private async ValueTask RunActionAsync(string action, string name)
    {
        var status = Status;
        var pipes = PipeStatus;
        var line = LineNumber;
        var argument = LastArgument;
        var flow = Flow;
        var count = _flowCount;
        Flow = Flow.None;
        await RunTextAsync(action, $"{ProgramName}: {name}", Math.Max(1, line));
        if (Flow == Flow.None)
        {
            Flow = flow;
            _flowCount = count;
            Status = status;
            PipeStatus = pipes;
        }

        LineNumber = line;
        LastArgument = argument;
    }
}
