using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Kill() : GnuProgram("kill")
{
    private const string UsageText =
        "\nUsage:\n kill [options] <pid> [...]\n\nOptions:\n <pid> [...]            send signal to every <pid> listed\n"
        + " -<signal>, -s, --signal <signal>\n                        specify the <signal> to be sent\n"
        + " -q, --queue <value>    integer value to be sent with the signal\n -l, --list=[<signal>]  list all signal names, or convert one to a name\n"
        + " -L, --table            list all signal names in a nice table\n\n -h, --help     display this help and exit\n"
        + " -V, --version  output version information and exit\n\nFor more details see kill(1).\n";

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        Signal? signal = Signal.TERM;
        var at = 0;
        if (arguments.Count > 0 && arguments[0] is "-l" or "-L" or "--list" or "--table")
        {
            return ValueTask.FromResult(List(c, arguments.ElementAtOrDefault(1)));
        }
        if (arguments.Count > 0 && arguments[0] is "-s" or "--signal")
        {
            if (arguments.Count < 2 || !SignalNames.TryParse(arguments[1], out signal))
            {
                throw c.Die(arguments.Count < 2 ? "option requires an argument -- 's'" : $"unknown signal name {arguments[1]}");
            }
            at = 2;
        }
        else if (arguments.Count > 0 && arguments[0].Length > 1 && arguments[0][0] == '-' && arguments[0] != "--")
        {
            if (!SignalNames.TryParse(arguments[0][1..], out signal))
            {
                c.WarnRaw($"{c.Name}: invalid argument {arguments[0][1]}\n{UsageText}");
                return ValueTask.FromResult(1);
            }
            at = 1;
        }
        if (at < arguments.Count && arguments[at] == "--")
        {
            at++;
        }
        if (at >= arguments.Count)
        {
            c.WarnRaw(UsageText);
            return ValueTask.FromResult(1);
        }
        foreach (var text in arguments.Skip(at))
        {
            if (!int.TryParse(text, out var id))
            {
                throw c.Die($"failed to parse argument: '{text}'");
            }
            try
            {
                c.Process.Kill(id, signal);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"({id}): {failure.Message}");
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    private static int List(Invocation c, string? which)
    {
        if (which is null)
        {
            var line = "";
            foreach (var name in Enum.GetNames<Signal>().Select(n => n == "IO" ? "POLL" : n))
            {
                if (line.Length + 1 + name.Length > 77)
                {
                    c.WriteLine(line);
                    line = "";
                }
                line += line.Length == 0 ? name : " " + name;
            }
            c.WriteLine(line);
            return 0;
        }
        if (!SignalNames.TryParse(which, out var signal))
        {
            throw c.Die($"unknown signal name {which}");
        }
        c.WriteLine(int.TryParse(which, out _) ? signal?.ToString() ?? "0" : ((int?)signal ?? 0).ToString());
        return 0;
    }
}
