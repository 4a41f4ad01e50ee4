using Warden.Emulator.Machine;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

internal sealed class Killall() : GnuProgram("killall")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        Signal? signal = Signal.TERM;
        var dashed = arguments.FindIndex(a => a.Length > 1 && a[0] == '-' && SignalNames.TryParse(a[1..], out _));
        if (dashed >= 0)
        {
            _ = SignalNames.TryParse(arguments[dashed][1..], out signal);
            arguments.RemoveAt(dashed);
        }
        var o = OptionSet.Parse(c, arguments, "eIgilqrs:u:vVw", ["exact e", "ignore-case I", "quiet q", "regexp r", "signal= s", "user= u", "verbose v", "wait w", "list l"]);
        if (o.Last("s") is { } text && !SignalNames.TryParse(text, out signal))
        {
            throw c.Die($"{text}: unknown signal; killall -l lists signals.");
        }
        if (o.Has("l"))
        {
            c.WriteLine(string.Join(' ', Enum.GetNames<Signal>()));
            return ValueTask.FromResult(0);
        }
        if (o.Operands.Count == 0)
        {
            c.WarnRaw("Usage: killall [OPTION]... [--] NAME...\n       killall -l, --list\n       killall -V, --version\n");
            return ValueTask.FromResult(1);
        }
        foreach (var name in o.Operands)
        {
            if (Send(c, o, name, signal) == 0)
            {
                c.Status = 1;
                if (!o.Has("q"))
                {
                    c.WarnRaw($"{name}: no process found\n");
                }
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    private static int Send(Invocation c, OptionSet o, string name, Signal? signal)
    {
        var comparison = o.Has("I") ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var regex = o.Has("r") ? PosixRegex.Compile(name, extended: true, o.Has("I")) : null;
        var wanted = FilePath.BaseName(name) is var bare && bare.Length > 15 ? bare[..15] : bare;
        var count = 0;
        foreach (var process in c.Process.Container.Processes)
        {
            if (process.Id == c.Process.Id || !(regex?.IsMatch(process.CommandName) ?? process.CommandName.Equals(wanted, comparison)))
            {
                continue;
            }
            try
            {
                c.Process.Kill(process.Id, signal);
                count++;
                if (o.Has("v"))
                {
                    c.WarnRaw($"Killed {process.CommandName}({process.Id}) with signal {(int?)signal ?? 0}\n");
                }
            }
            catch (ErrnoException failure)
            {
                c.WarnRaw($"{process.CommandName}({process.Id}): {failure.Message}\n");
            }
        }
        return count;
    }
}
