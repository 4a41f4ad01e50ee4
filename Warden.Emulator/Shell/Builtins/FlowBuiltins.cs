using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>:, true and false.</summary>
internal sealed class StatusBuiltin(string name, int status) : Builtin
{
    public override string Name => name;

    public override bool Special => name == ":";

    public override ValueTask<int> RunAsync(BuiltinCall call) => new(status);
}

/// <summary>break and continue.</summary>
internal sealed class LoopBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => $"{name} [n]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        if (!shell.InLoop)
        {
            return await call.FailAsync("only meaningful in a `for', `while', or `until' loop", 0);
        }

        var count = 1L;
        if (call.Arguments.Count > 1)
        {
            if (!long.TryParse(call.Arguments[1], out count))
            {
                await call.FailAsync($"{call.Arguments[1]}: numeric argument required");
                return shell.Leave(Flow.Exit, 128);
            }

            if (call.Arguments.Count > 2)
            {
                await call.FailAsync("too many arguments");
                return shell.Leave(Flow.Discard, 1);
            }

            if (count < 1)
            {
                await call.FailAsync($"{call.Arguments[1]}: loop count out of range");
                return shell.Leave(Flow.Break, 1, int.MaxValue);
            }
        }

        return shell.Leave(name == "break" ? Flow.Break : Flow.Continue, 0, (int)Math.Min(count, int.MaxValue));
    }
}

/// <summary>exit and logout.</summary>
internal sealed class ExitBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => $"{name} [n]";

    public override bool Special => name == "exit";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        if (name == "logout")
        {
            return await call.FailAsync("not login shell: use `exit'");
        }

        if (await ExitStatusArgument.ReadAsync(call) is not { } status)
        {
            return call.Shell.Status;
        }

        return call.Shell.Leave(Flow.Exit, status);
    }
}

/// <summary>return.</summary>
internal sealed class ReturnBuiltin : Builtin
{
    public override string Name => "return";

    public override string Usage => "return [n]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        if (!call.Shell.InFunction && !call.Shell.InSource)
        {
            return await call.FailAsync("can only `return' from a function or sourced script");
        }

        if (call.Arguments.Count > 1 && !long.TryParse(call.Arguments[1], out _))
        {
            await call.FailAsync($"{call.Arguments[1]}: numeric argument required");
            return call.Shell.Leave(Flow.Return, 2);
        }

        return await ExitStatusArgument.ReadAsync(call) is { } status ? call.Shell.Leave(Flow.Return, status) : call.Shell.Status;
    }
}

/// <summary>The argument of exit and return.</summary>
internal static class ExitStatusArgument
{
    /// <summary>The status; null, reported, when the call changes nothing.</summary>
    public static async ValueTask<int?> ReadAsync(BuiltinCall call)
    {
        var at = call.Arguments.Count > 1 && call.Arguments[1] == "--" ? 2 : 1;
        if (call.Arguments.Count <= at)
        {
            return call.Shell.Status;
        }

        if (!long.TryParse(call.Arguments[at].Trim(), out var status))
        {
            await call.FailAsync($"{call.Arguments[at]}: numeric argument required");
            return 2;
        }

        if (call.Arguments.Count > at + 1)
        {
            await call.FailAsync("too many arguments");
            call.Shell.Leave(Flow.Discard, 1);
            return null;
        }

        return (int)(status & 0xFF);
    }
}

/// <summary>shift.</summary>
internal sealed class ShiftBuiltin : Builtin
{
    public override string Name => "shift";

    public override string Usage => "shift [n]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var count = 1;
        if (call.Arguments.Count > 1 && !int.TryParse(call.Arguments[1], out count))
        {
            return await call.FailAsync($"{call.Arguments[1]}: numeric argument required");
        }

        if (count < 0)
        {
            return await call.FailAsync($"{count}: shift count out of range");
        }

        if (count > call.Shell.Positional.Count)
        {
            return call.Shell.Options.IsShopt("shift_verbose") ? await call.FailAsync($"{count}: shift count out of range") : 1;
        }

        call.Shell.Positional.RemoveRange(0, count);
        return 0;
    }
}

/// <summary>caller.</summary>
internal sealed class CallerBuiltin : Builtin
{
    public override string Name => "caller";

    public override string Usage => "caller [expr]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var stack = call.Shell.CallStack().ToList();
        if (stack.Count == 0)
        {
            return 1;
        }

        if (call.Arguments.Count == 1)
        {
            await call.Shell.WriteAsync($"{stack[0].CallLine} {(stack.Count > 1 ? stack[1].Source : "NULL")}\n");
            return 0;
        }

        if (!int.TryParse(call.Arguments[1], out var depth))
        {
            throw new BuiltinUsageException($"{call.Arguments[1]}: invalid number");
        }

        if (depth < 0 || depth + 1 >= stack.Count)
        {
            return 1;
        }

        await call.Shell.WriteAsync($"{stack[depth].CallLine} {stack[depth + 1].Name} {stack[depth + 1].Source}\n");
        return 0;
    }
}
