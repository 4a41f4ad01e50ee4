using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>What ls shows, in which order and how.</summary>
internal sealed class LsFormat
{
    private readonly Invocation _c;
    private readonly OptionSet _o;
    private readonly UserDatabase _users;
    private readonly bool _long;
    private readonly string _sort;
    private readonly char _indicators;

    public LsFormat(Invocation c, OptionSet o, UserDatabase users)
    {
        _c = c;
        _o = o;
        _users = users;
        _long = o.LastOf("l", "n", "g", "o", "full-time", "1", "C", "m", "x") is "l" or "n" or "g" or "o" or "full-time"
            || (o.LastOf("C", "m", "x") is null && o.LastOf("l", "n", "g", "o", "full-time") is not null)
            || o.Last("format") is "long" or "verbose";
        _sort = SortKey(o);
        _indicators = (o.LastOf("F", "p", "file-type", "indicator-style") switch
        {
            "F" => o.Last("F") is "never" or "none" or "auto" ? '\0' : 'F',
            "p" => 'p',
            "file-type" => 't',
            "indicator-style" => o.Last("indicator-style") switch { "classify" => 'F', "slash" => 'p', "file-type" => 't', _ => '\0' },
            _ => '\0',
        });
    }

    public bool All => _o.LastOf("a", "A", "f") is "a" or "f";

    public bool Recursive => _o.Has("R") && !DirectoriesAsFiles;

    public bool DirectoriesAsFiles => _o.Has("d");

    public bool ShowsTotal => _long || _o.Has("s");

    private bool Human => _o.LastOf("h", "si", "k") is "h" or "si";

    public bool Shows(string name)
    {
        var hidden = name.StartsWith('.') && _o.LastOf("a", "A", "f") is null;
        var ignored = _o.All.Any(x => (x.Key == "I" || (x.Key == "hide" && _o.LastOf("a", "A") is null)) && Glob.Matches(x.Value, name));
        return !hidden && !ignored && !(_o.Has("B") && name.EndsWith('~'));
    }

    public LsEntry Entry(string path, string name, bool operand)
    {
        var status = _c.Process.LinkStat(path);
        if (status.Kind != FileKind.SymbolicLink)
        {
            return new LsEntry(name, path, status, null, null);
        }
        var behind = FilePath.TryStat(_c.Process, path);
        var follow = _o.Has("L") || (operand && (_o.Has("H") || (!_long && !DirectoriesAsFiles && _indicators != 'F' && behind?.Kind == FileKind.Directory)));
        if (follow)
        {
            return new LsEntry(name, path, behind ?? (operand ? _c.Process.Stat(path) : status), null, null);
        }
        string? target = null;
        try
        {
            target = _long ? _c.Process.ReadLink(path) : null;
        }
        catch (ErrnoException failure)
        {
            _c.Fail($"cannot read symbolic link {Quote.Always(path)}: {failure.Message}", 1);
        }
        return new LsEntry(name, path, status, target, behind);
    }

    public void Sort(List<LsEntry> entries)
    {
        if (_sort == "none")
        {
            return;
        }
        var sign = _o.Has("r") ? -1 : 1;
        entries.Sort((a, b) =>
        {
            if (_o.Has("group-directories-first") && (a.Status.Kind == FileKind.Directory) != (b.Status.Kind == FileKind.Directory))
            {
                return a.Status.Kind == FileKind.Directory ? -1 : 1;
            }
            var order = _sort switch
            {
                "time" => Time(b.Status).CompareTo(Time(a.Status)),
                "size" => b.Status.Size.CompareTo(a.Status.Size),
                "extension" => string.CompareOrdinal(Extension(a.Name), Extension(b.Name)),
                "version" => VersionOrder.Compare(a.Name, b.Name),
                _ => 0,
            };
            return sign * (order != 0 ? order : string.CompareOrdinal(a.Name, b.Name));
        });
    }

    public void Print(List<LsEntry> entries)
    {
        if (_long)
        {
            PrintLong(entries);
            return;
        }
        var cells = entries.Select(e => Prefix(e, entries) + Shown(e.Name) + Indicator(e.Status)).ToList();
        switch (_o.LastOf("1", "C", "m", "x") ?? _o.Last("format"))
        {
            case "m" or "commas":
                PrintCommas(cells);
                break;
            case "C" or "vertical":
                PrintColumns(cells, across: false);
                break;
            case "x" or "across" or "horizontal":
                PrintColumns(cells, across: true);
                break;
            default:
                foreach (var cell in cells)
                {
                    _c.Write(cell + (_o.Has("zero") ? "\0" : "\n"));
                }
                break;
        }
    }

    public string Blocks(long blocks) => Human ? Sizes.Human(blocks * 512) : ((blocks + 1) / 2).ToString();

    private static string SortKey(OptionSet o)
    {
        var key = o.LastOf("t", "S", "U", "X", "v", "f", "sort");
        var word = key == "sort" ? o.Last("sort") : key switch { "t" => "time", "S" => "size", "U" or "f" => "none", "X" => "extension", "v" => "version", _ => null };
        return word ?? (o.LastOf("c", "u") is not null && o.LastOf("l", "n", "g", "o") is null ? "time" : "name");
    }

    private static string Extension(string name) => name.LastIndexOf('.') is var at && at >= 0 ? name[at..] : "";

    private DateTimeOffset Time(FileStatus status) => (_o.LastOf("c", "u", "time") is { } key ? key == "time" ? _o.Last("time") : key : "") switch
    {
        "c" or "ctime" or "status" => status.Changed,
        "u" or "atime" or "access" or "use" => status.Accessed,
        _ => status.Modified,
    };

    private string Prefix(LsEntry entry, List<LsEntry> all)
    {
        var text = "";
        if (_o.Has("i"))
        {
            text += entry.Status.Inode.ToString().PadLeft(all.Max(e => e.Status.Inode.ToString().Length)) + " ";
        }
        if (_o.Has("s"))
        {
            text += Blocks(entry.Status.Blocks).PadLeft(all.Max(e => Blocks(e.Status.Blocks).Length)) + " ";
        }
        return text;
    }

    private string Shown(string name)
    {
        switch (_o.LastOf("Q", "b", "N", "q"))
        {
            case "Q":
                return "\"" + Escaped(name).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
            case "b":
                return Escaped(name).Replace(" ", "\\ ", StringComparison.Ordinal);
            case "q":
                return string.Concat(name.Select(x => x is < ' ' or > '~' ? '?' : x));
            default:
                return name;
        }
    }

    private static string Escaped(string name)
    {
        var text = new StringBuilder();
        foreach (var x in name)
        {
            text.Append(x == '\\' ? "\\\\" : x is < ' ' or > '~' ? Quote.Escape(x) : x.ToString());
        }
        return text.ToString();
    }

    private string Indicator(FileStatus status) => (_indicators, status.Kind) switch
    {
        ('\0', _) => "",
        (_, FileKind.Directory) => "/",
        ('p', _) => "",
        (_, FileKind.SymbolicLink) => "@",
        (_, FileKind.Fifo) => "|",
        (_, FileKind.Socket) => "=",
        ('F', FileKind.Regular) when (status.Mode & 0x49) != 0 => "*",
        _ => "",
    };

    private void PrintLong(List<LsEntry> entries)
    {
        var numeric = _o.Has("n");
        var rows = entries.ConvertAll(e => new
        {
            Entry = e,
            Links = e.Status.Links.ToString(),
            Owner = numeric ? e.Status.UserId.ToString() : _users.UserName(e.Status.UserId),
            Group = numeric ? e.Status.GroupId.ToString() : _users.GroupName(e.Status.GroupId),
            IsDevice = e.Status.Kind is FileKind.CharacterDevice or FileKind.BlockDevice,
            Size = Human ? Sizes.Human(e.Status.Size, 1, _o.LastOf("h", "si") == "si" ? 1000 : 1024) : e.Status.Size.ToString(),
        });
        if (rows.Count == 0)
        {
            return;
        }
        var links = rows.Max(r => r.Links.Length);
        var owner = rows.Max(r => r.Owner.Length);
        var group = rows.Max(r => r.Group.Length);
        var devices = rows.Where(r => r.IsDevice).ToList();
        var major = devices.Count == 0 ? 0 : devices.Max(r => r.Entry.Status.DeviceNumber.Major.ToString().Length);
        var minor = devices.Count == 0 ? 0 : devices.Max(r => r.Entry.Status.DeviceNumber.Minor.ToString().Length);
        var size = Math.Max(rows.Where(r => !r.IsDevice).Select(r => r.Size.Length).DefaultIfEmpty(0).Max(), devices.Count == 0 ? 0 : major + 2 + minor);
        foreach (var row in rows)
        {
            var status = row.Entry.Status;
            var line = new StringBuilder(Prefix(row.Entry, entries));
            line.Append(FileModes.Text(status)).Append(' ').Append(row.Links.PadLeft(links)).Append(' ');
            if (!_o.Has("g"))
            {
                line.Append(numeric ? row.Owner.PadLeft(owner) : row.Owner.PadRight(owner)).Append(' ');
            }
            if (!_o.Has("o") && !_o.Has("G"))
            {
                line.Append(numeric ? row.Group.PadLeft(group) : row.Group.PadRight(group)).Append(' ');
            }
            var amount = row.IsDevice
                ? status.DeviceNumber.Major.ToString().PadLeft(size - 2 - minor) + ", " + status.DeviceNumber.Minor.ToString().PadLeft(minor)
                : row.Size;
            line.Append(amount.PadLeft(size)).Append(' ').Append(TimeText(Time(status))).Append(' ').Append(Shown(row.Entry.Name));
            if (row.Entry.LinkTarget is { } target)
            {
                line.Append(" -> ").Append(Shown(target)).Append(row.Entry.LinkStatus is { } behind && _indicators != '\0' ? Indicator(behind) : "");
            }
            else
            {
                line.Append(Indicator(status));
            }
            _c.WriteLine(line.ToString());
        }
    }

    private string TimeText(DateTimeOffset time)
    {
        var style = _o.Has("full-time") ? "full-iso" : _o.Last("time-style") ?? _c.Process.GetEnvironment("TIME_STYLE") ?? "locale";
        time = time.ToUniversalTime();
        var age = _c.Process.Clock.GetUtcNow() - time;
        var recent = age >= TimeSpan.Zero && age < TimeSpan.FromSeconds(31556952 / 2);
        return style switch
        {
            "full-iso" => DateFormat.Format(time, "%F %T.%N %z"),
            "long-iso" => DateFormat.Format(time, "%F %R"),
            "iso" => DateFormat.Format(time, recent ? "%m-%d %H:%M" : "%F "),
            _ when style.StartsWith('+') => DateFormat.Format(time, style[1..]),
            _ => DateFormat.Format(time, recent ? "%b %e %H:%M" : "%b %e  %Y"),
        };
    }

    private void PrintCommas(List<string> cells)
    {
        var at = 0;
        for (var i = 0; i < cells.Count; i++)
        {
            var last = i == cells.Count - 1;
            if (i > 0)
            {
                var wraps = at + 2 + cells[i].Length + (last ? 0 : 1) > 79;
                _c.Write(wraps ? ",\n" : ", ");
                at = wraps ? 0 : at + 2;
            }
            _c.Write(cells[i]);
            at += cells[i].Length;
        }
        if (cells.Count > 0)
        {
            _c.Write('\n');
        }
    }

    private void PrintColumns(List<string> cells, bool across)
    {
        if (cells.Count == 0)
        {
            return;
        }
        var width = int.TryParse(_o.Last("w") ?? _c.Process.GetEnvironment("COLUMNS"), out var asked) && asked > 0 ? asked : 80;
        for (var columns = Math.Min(cells.Count, Math.Max(1, width / 3)); ; columns--)
        {
            var rows = (cells.Count + columns - 1) / columns;
            string? At(int row, int column) => (across ? (row * columns) + column : (column * rows) + row) is var i && i < cells.Count ? cells[i] : null;
            var used = across ? columns : (cells.Count + rows - 1) / rows;
            var widths = Enumerable.Range(0, used).Select(x => Enumerable.Range(0, rows).Max(r => At(r, x)?.Length ?? 0) + (x == used - 1 ? 0 : 2)).ToArray();
            if (columns > 1 && (widths.Sum() >= width || used < columns))
            {
                continue;
            }
            for (var row = 0; row < rows; row++)
            {
                var line = new StringBuilder();
                var from = 0;
                for (var column = 0; column < used; column++)
                {
                    var isLast = column == used - 1 || At(row, column + 1) is null;
                    line.Append(At(row, column));
                    if (isLast)
                    {
                        break;
                    }
                    Indent(line, from + At(row, column)!.Length, from + widths[column]);
                    from += widths[column];
                }
                _c.WriteLine(line.ToString());
            }
            return;
        }
    }

    // Gaps are tabs where a tab stop lies within.
    private static void Indent(StringBuilder line, int from, int to)
    {
        while (from < to)
        {
            var tab = to / 8 > (from + 1) / 8;
            line.Append(tab ? '\t' : ' ');
            from += tab ? 8 - (from % 8) : 1;
        }
    }
}
