using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Nohup() : GnuProgram("nohup")
{
    protected override int FailureStatus => 125;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        c.Process.SetSignalAction(Signal.HUP, SignalAction.Ignore);
        if (c.Process.TryGetFile(1, out var output) && output.IsTerminal)
        {
            var fd = await c.Process.OpenAsync("nohup.out", OpenFlags.Write | OpenFlags.Create | OpenFlags.Append, 0x180);
            c.Process.DuplicateTo(fd, 1);
            c.Process.Close(fd);
            c.Warn("ignoring input and appending output to 'nohup.out'");
        }
        return await Execution.BecomeOrTellAsync(c, o.Operands, $"failed to run command {Quote.Always(o.Operands[0])}");
    }
}

internal sealed class Nice() : GnuProgram("nice")
{
    protected override int FailureStatus => 125;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        if (arguments.Count > 0 && arguments[0].Length > 1 && arguments[0][0] == '-' && int.TryParse(arguments[0].AsSpan(1), out _))
        {
            arguments[0] = "-n" + arguments[0][1..];
        }
        var o = OptionSet.Parse(c, arguments, "+n:", ["adjustment= n"]);
        if (o.Operands.Count == 0)
        {
            if (o.Has("n"))
            {
                throw c.Usage("a command must be given with an adjustment");
            }
            c.WriteLine(c.Process.Nice.ToString());
            return 0;
        }
        if (!int.TryParse(o.Last("n") ?? "10", out var adjustment))
        {
            throw c.Die($"invalid adjustment {Quote.Locale(o.Last("n")!)}");
        }
        try
        {
            c.Process.Nice = Math.Clamp(c.Process.Nice + adjustment, -20, 19);
        }
        catch (ErrnoException failure)
        {
            c.Warn("cannot set niceness: " + failure.Message);
        }
        return await Execution.BecomeOrTellAsync(c, o.Operands, Quote.Always(o.Operands[0]));
    }
}

internal sealed class Setsid() : GnuProgram("setsid")
{
    protected override string Version => "setsid from util-linux 2.38.1";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+cfw", "ctty c", "fork f", "wait w");
        if (o.Operands.Count == 0)
        {
            throw c.Usage("no command specified");
        }
        if (o.Has("f") || c.Process.GroupId == c.Process.Id)
        {
            // A leader of a group cannot open a session: a child does.
            var child = c.Process.Fork(async p =>
            {
                p.NewSession();
                var inner = new Invocation(p, "setsid");
                return await inner.EndAsync(await Execution.BecomeOrTellAsync(inner, o.Operands, "failed to execute " + o.Operands[0]));
            });
            return o.Has("w") ? (await Execution.WaitAsync(c, child.Id)).ShellStatus : 0;
        }
        c.Process.NewSession();
        return await Execution.BecomeOrTellAsync(c, o.Operands, "failed to execute " + o.Operands[0]);
    }
}

internal sealed class Stdbuf() : GnuProgram("stdbuf")
{
    protected override int FailureStatus => 125;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+e:i:o:", "error= e", "input= i", "output= o");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        if (o.All.Count == 0)
        {
            throw c.Usage("you must specify a buffering mode option");
        }
        return await Execution.BecomeOrTellAsync(c, o.Operands, $"failed to run command {Quote.Always(o.Operands[0])}");
    }
}
