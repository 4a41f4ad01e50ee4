using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Ps() : GnuProgram("ps")
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["cmd"] = "args",
        ["command"] = "args",
        ["ucmd"] = "comm",
        ["uname"] = "user",
        ["euser"] = "user",
        ["ruser"] = "user",
        ["euid"] = "uid",
        ["ruid"] = "uid",
        ["pgrp"] = "pgid",
        ["session"] = "sid",
        ["sess"] = "sid",
        ["state"] = "s",
        ["tt"] = "tty",
        ["tname"] = "tty",
        ["pcpu"] = "%cpu",
        ["pmem"] = "%mem",
        ["nice"] = "ni",
        ["rssize"] = "rss",
        ["rsz"] = "rss",
        ["vsize"] = "vsz",
        ["cputime"] = "time",
        ["bsdtime"] = "bsdtime",
        ["egid"] = "gid",
        ["tgid"] = "pid",
    };

    protected override string Version => "ps from procps-ng 4.0.2";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        var (all, userFormat, headers) = (false, false, true);
        if (arguments.Count > 0 && arguments[0].Length > 0 && arguments[0][0] != '-' && arguments[0].All(char.IsAsciiLetter))
        {
            // The BSD forms: ps ax, ps aux, ps axo pid,comm.
            var letters = arguments[0];
            all = letters.Contains('a', StringComparison.Ordinal) || letters.Contains('x', StringComparison.Ordinal);
            userFormat = letters.Contains('u', StringComparison.Ordinal);
            headers = !letters.Contains('h', StringComparison.Ordinal);
            arguments.RemoveAt(0);
            if (letters.EndsWith('o') && arguments.Count > 0)
            {
                arguments.Insert(0, "-o");
            }
        }
        var bsd = all || userFormat;
        var o = OptionSet.Parse(c, arguments, "AaC:deFfG:g:hHjlLMno:O:p:q:s:t:u:U:wxy", ["pid= p", "format= o", "ppid=", "no-headers h", "no-heading h", "headers", "sort=", "user= u", "forest", "cols=", "width="]);
        var users = await UserDatabase.LoadAsync(c);
        var rows = Select(c, o, users, all);
        if (o.Last("sort") is { } order)
        {
            var key = order.TrimStart('+', '-');
            rows = [.. rows.OrderBy(p => PsColumn.Of(Aliases.GetValueOrDefault(key, key)) is { } column ? column.Value(c, users, p).PadLeft(32) : "", StringComparer.Ordinal)];
            if (order.StartsWith('-'))
            {
                rows.Reverse();
            }
        }
        var columns = Columns(c, o, bsd, userFormat);
        Print(c, users, columns, rows, headers && !o.Has("h"));
        return rows.Count > 0 ? 0 : 1;
    }

    private static List<Process> Select(Invocation c, OptionSet o, UserDatabase users, bool all)
    {
        bool Listed(string key, Func<string, bool> matches) => o.All.Any(x => x.Key == key && x.Value.Split((char[])[',', ' ']).Any(matches));
        var selects = o.LastOf("p", "q", "C", "u", "U", "G", "g", "s", "ppid") is not null || o.Operands.Count > 0;
        var everything = all || o.LastOf("A", "e", "a", "x", "d") is not null;
        bool Selects(Process p) => selects
            ? Listed("p", x => x == p.Id.ToString()) || Listed("q", x => x == p.Id.ToString()) || Listed("C", x => x == p.CommandName) || Listed("u", x => users.UserId(x) == p.UserId)
                || Listed("U", x => users.UserId(x) == p.UserId) || Listed("G", x => users.GroupId(x) == p.PrimaryGroupId) || Listed("g", x => x == p.SessionId.ToString())
                || Listed("s", x => x == p.SessionId.ToString()) || Listed("ppid", x => x == p.ParentId.ToString()) || o.Operands.Contains(p.Id.ToString())
            : everything || p.UserId == c.Process.UserId;
        return [.. c.Process.Container.Processes.Where(Selects).OrderBy(p => p.Id)];
    }

    private static List<(PsColumn Column, string Title)> Columns(Invocation c, OptionSet o, bool bsd, bool userFormat)
    {
        var names = o.Has("o") ? [.. o.All.Where(x => x.Key == "o").SelectMany(x => x.Value.Contains('=', StringComparison.Ordinal) && !x.Value.Contains("=,", StringComparison.Ordinal) ? [x.Value] : x.Value.Split((char[])[',', ' '], StringSplitOptions.RemoveEmptyEntries))]
            : userFormat ? "user pid %cpu %mem vsz rss tty stat start bsdtime args=COMMAND".Split(' ')
            : bsd ? "pid tty stat bsdtime args=COMMAND".Split(' ')
            : o.LastOf("f", "F") is not null ? "user=UID pid ppid c stime tty time args=CMD".Split(' ')
            : "pid tty time comm=CMD".Split(' ');
        return [.. names.Select(name =>
        {
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            var key = (equals < 0 ? name : name[..equals]).ToLowerInvariant();
            var column = PsColumn.Of(Aliases.GetValueOrDefault(key, key));
            if (column is null)
            {
                c.WarnRaw($"error: unknown user-defined format specifier \"{key}\"\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n");
                throw new ProgramExit(1);
            }
            var title = equals >= 0 ? name[(equals + 1)..] : key switch { "cmd" => "CMD", "uname" => "USER", "tt" => "TT", "cputime" => "TIME", _ => column.Title };
            return (column, title);
        })];
    }

    private static void Print(Invocation c, UserDatabase users, List<(PsColumn Column, string Title)> columns, List<Process> rows, bool headers)
    {
        headers &= columns.Exists(x => x.Title.Length > 0);
        var table = rows.ConvertAll(p => columns.ConvertAll(x => x.Column.Value(c, users, p)));
        if (headers)
        {
            table.Insert(0, columns.ConvertAll(x => x.Title));
        }
        foreach (var row in table)
        {
            var cells = row.Select((cell, i) =>
            {
                var width = Math.Max(columns[i].Column.Width, columns[i].Title.Length);
                return columns[i].Column.Left ? (i == row.Count - 1 ? cell : cell.PadRight(width)) : cell.PadLeft(width);
            });
            c.WriteLine(string.Join(' ', cells));
        }
    }
}

/// <summary>A column of ps.</summary>
internal sealed record PsColumn(string Title, int Width, bool Left, Func<Invocation, UserDatabase, Process, string> Value)
{
    public static PsColumn? Of(string key) => key switch
    {
        "pid" => new("PID", 5, false, (_, _, p) => p.Id.ToString()),
        "ppid" => new("PPID", 5, false, (_, _, p) => p.ParentId.ToString()),
        "pgid" => new("PGID", 5, false, (_, _, p) => p.GroupId.ToString()),
        "sid" => new("SID", 5, false, (_, _, p) => p.SessionId.ToString()),
        "uid" => new("UID", 5, false, (_, _, p) => p.UserId.ToString()),
        "gid" => new("GID", 5, false, (_, _, p) => p.PrimaryGroupId.ToString()),
        "user" => new("USER", 8, true, (_, u, p) => u.UserName(p.UserId)),
        "group" => new("GROUP", 8, true, (_, u, p) => u.GroupName(p.PrimaryGroupId)),
        "comm" => new("COMMAND", 15, true, (_, _, p) => p.CommandName),
        "args" => new("COMMAND", 27, true, (_, _, p) => p.Arguments.Count == 0 ? $"[{p.CommandName}]" : string.Join(' ', p.Arguments)),
        "tty" => new("TTY", 8, true, (_, _, _) => "?"),
        "stat" => new("STAT", 4, true, (_, _, p) => p.StateLetter + (p.Nice > 0 ? "N" : p.Nice < 0 ? "<" : "") + (p.SessionId == p.Id ? "s" : "")),
        "s" => new("S", 1, true, (_, _, p) => p.StateLetter.ToString()),
        "time" => new("TIME", 8, false, (_, _, p) => p.ProcessorTime.Own.ToString(@"hh\:mm\:ss")),
        "bsdtime" => new("TIME", 6, false, (_, _, p) => $"{(int)p.ProcessorTime.Own.TotalMinutes}:{p.ProcessorTime.Own.Seconds:00}"),
        "etime" => new("ELAPSED", 11, false, (c, _, p) => Elapsed(c.Process.Clock.GetUtcNow() - p.StartTime)),
        "etimes" => new("ELAPSED", 7, false, (c, _, p) => ((long)(c.Process.Clock.GetUtcNow() - p.StartTime).TotalSeconds).ToString()),
        "start" or "stime" => new(key == "start" ? "START" : "STIME", 5, true, (_, _, p) => DateFormat.Format(p.StartTime.ToUniversalTime(), "%H:%M")),
        "lstart" => new("STARTED", 24, false, (_, _, p) => DateFormat.Format(p.StartTime.ToUniversalTime(), "%a %b %e %H:%M:%S %Y")),
        "ni" => new("NI", 3, false, (_, _, p) => p.Nice.ToString()),
        "pri" => new("PRI", 3, false, (_, _, p) => (19 - p.Nice).ToString()),
        "c" => new("C", 2, false, (_, _, _) => "0"),
        "%cpu" => new("%CPU", 4, false, (_, _, _) => "0.0"),
        "%mem" => new("%MEM", 4, false, (_, _, _) => "0.0"),
        "rss" => new("RSS", 5, false, (_, _, p) => (p.ResidentBytes / 1024).ToString()),
        "vsz" => new("VSZ", 6, false, (_, _, p) => (p.ResidentBytes / 1024).ToString()),
        "nlwp" => new("NLWP", 4, false, (_, _, _) => "1"),
        _ => null,
    };

    private static string Elapsed(TimeSpan time) => time.TotalDays >= 1 ? time.ToString(@"d\-hh\:mm\:ss")
        : time.TotalHours >= 1 ? time.ToString(@"hh\:mm\:ss") : time.ToString(@"mm\:ss");
}
