using Warden.Emulator.Machine;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

/// <summary>pgrep and pkill.</summary>
internal sealed class ProcessMatch(string name) : GnuProgram(name)
{
    protected override string Version => $"{Name} from procps-ng 4.0.2";

    protected override int FailureStatus => 2;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        Signal? signal = Signal.TERM;
        var dashed = Name == "pkill" ? arguments.FindIndex(a => a.Length > 1 && a[0] == '-' && SignalNames.TryParse(a[1..], out _)) : -1;
        if (dashed >= 0)
        {
            _ = SignalNames.TryParse(arguments[dashed][1..], out signal);
            arguments.RemoveAt(dashed);
        }
        var o = OptionSet.Parse(
            c, arguments, "acd:efg:G:ilnoP:s:t:u:U:vwxL",
            ["signal=", "count c", "delimiter= d", "echo e", "full f", "ignore-case i", "list-name l", "list-full a", "newest n", "oldest o", "parent= P", "exact x", "inverse v", "euid= u", "uid= U", "pgroup= g", "session= s"]);
        if (o.Last("signal") is { } text && !SignalNames.TryParse(text, out signal))
        {
            throw c.Die($"unknown signal \"{text}\"");
        }
        if (o.Operands.Count == 0 && o.LastOf("P", "u", "U", "g", "s") is null)
        {
            c.Warn("no matching criteria specified");
            c.WarnRaw($"Try `{Name} --help' for more information.\n");
            return 2;
        }
        if (o.Operands.Count > 1)
        {
            c.Warn("only one pattern can be provided");
            c.WarnRaw($"Try `{Name} --help' for more information.\n");
            return 2;
        }
        var matches = await FindAsync(c, o);
        if (o.Has("c"))
        {
            c.WriteLine(matches.Count.ToString());
        }
        if (Name == "pkill")
        {
            return Send(c, o, matches, signal);
        }
        var lines = matches.Select(p => o.Has("a") ? $"{p.Id} {CommandLine(p)}" : o.Has("l") ? $"{p.Id} {p.CommandName}" : p.Id.ToString()).ToList();
        if (!o.Has("c") && lines.Count > 0)
        {
            c.Write(string.Join(o.Last("d") ?? "\n", lines) + "\n");
        }
        return matches.Count > 0 ? 0 : 1;
    }

    public static string CommandLine(Process process) => process.Arguments.Count == 0 ? process.CommandName : string.Join(' ', process.Arguments);

    private static int Send(Invocation c, OptionSet o, List<Process> matches, Signal? signal)
    {
        var sent = 0;
        foreach (var match in matches)
        {
            try
            {
                c.Process.Kill(match.Id, signal);
                sent++;
                if (o.Has("e"))
                {
                    c.WriteLine($"{match.CommandName} killed (pid {match.Id})");
                }
            }
            catch (ErrnoException failure) when (failure.Errno != Errno.ESRCH)
            {
                c.Warn($"killing pid {match.Id} failed: {failure.Message}");
            }
            catch (ErrnoException)
            {
                // It has ended meanwhile.
            }
        }
        return sent > 0 ? 0 : 1;
    }

    private static async ValueTask<List<Process>> FindAsync(Invocation c, OptionSet o)
    {
        var users = await UserDatabase.LoadAsync(c);
        var regex = o.Operands.Count == 0 ? null : PosixRegex.Compile(o.Has("x") ? $"^({o.Operands[0]})$" : o.Operands[0], extended: true, o.Has("i"));
        bool Listed(string key, uint value) => o.Last(key) is not { } list || list.Split(',').Any(x => users.UserId(x) == value);
        var found = new List<Process>();
        foreach (var process in c.Process.Container.Processes)
        {
            if (process.Id == c.Process.Id)
            {
                continue;
            }
            var matches = (regex is null || regex.IsMatch(o.Has("f") ? CommandLine(process) : process.CommandName))
                && Listed("u", process.UserId) && Listed("U", process.UserId) && Listed("P", (uint)process.ParentId)
                && Listed("g", (uint)process.GroupId) && Listed("s", (uint)process.SessionId);
            if (matches != o.Has("v"))
            {
                found.Add(process);
            }
        }
        found.Sort((a, b) => a.Id.CompareTo(b.Id));
        return found.Count == 0 ? found : o.Has("n") ? [found[^1]] : o.Has("o") ? [found[0]] : found;
    }
}
