using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Stat() : GnuProgram("stat")
{
    private const string Default =
        "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-11i Links: %h\n"
        + "Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n";

    private const string DefaultFileSystem =
        "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental block size: %S\nBlocks: Total: %-10b Free: %-10f Available: %a\n"
        + "Inodes: Total: %-10c Free: %d\n";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("c:fLt", "format= c", "printf=", "dereference L", "file-system f", "terse t", "cached=");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        var users = await UserDatabase.LoadAsync(c);
        foreach (var path in o.Operands)
        {
            try
            {
                Show(c, o, users, path);
            }
            catch (ErrnoException failure)
            {
                c.Fail(o.Has("f")
                    ? $"cannot read file system information for {Quote.Always(path)}: {failure.Message}"
                    : $"cannot statx {Quote.Always(path)}: {failure.Message}");
            }
            await c.DrainAsync();
        }
        return c.Status;
    }

    private static void Show(Invocation c, OptionSet o, UserDatabase users, string path)
    {
        var ofFileSystem = o.Has("f");
        string format;
        var escapes = false;
        if (o.LastOf("c", "printf") is { } key)
        {
            format = key == "c" ? o.Last("c") + "\n" : o.Last("printf")!;
            escapes = key == "printf";
        }
        else if (o.Has("t"))
        {
            format = ofFileSystem ? "%n %i %l %t %s %S %b %f %a %c %d\n" : "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n";
        }
        else
        {
            format = ofFileSystem ? DefaultFileSystem : Default;
        }
        if (ofFileSystem)
        {
            var status = c.Process.StatFileSystem(path);
            c.Write(Expand(c, format, escapes, (letter, _) => FileSystemField(status, path, letter)));
            return;
        }
        var file = o.Has("L") ? c.Process.Stat(path) : path == "-" ? c.Process.GetFile(0).Status : c.Process.LinkStat(path);
        var isDevice = file.Kind is FileKind.CharacterDevice or FileKind.BlockDevice;
        if (isDevice && o.LastOf("c", "printf", "t") is null)
        {
            format = format.Replace("Links: %h", "Links: %-5h Device type: %Hr,%Lr", StringComparison.Ordinal);
        }
        var quotes = o.LastOf("c", "printf") is not null;
        c.Write(Expand(c, format, escapes, (letter, modifier) => Field(c, users, file, path, letter, modifier, quotes)));
    }

    private static string Expand(Invocation c, string format, bool escapes, Func<char, char, string?> field)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            if (format[at] == '\\' && escapes)
            {
                at++;
                Escapes.Append(text, format, ref at, echo: false);
                continue;
            }
            if (format[at] != '%' || at + 1 >= format.Length)
            {
                text.Append(format[at++]);
                continue;
            }
            var start = at++;
            if (format[at] == '%')
            {
                text.Append('%');
                at++;
                continue;
            }
            var minus = false;
            var zero = false;
            for (; at < format.Length && "-+ #0'".Contains(format[at], StringComparison.Ordinal); at++)
            {
                minus |= format[at] == '-';
                zero |= format[at] == '0';
            }
            var width = Number(format, ref at) ?? 0;
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Number(format, ref at) ?? 0;
            }
            var modifier = at + 1 < format.Length && format[at] is 'H' or 'L' && format[at + 1] is 'd' or 'r' ? format[at++] : '\0';
            if (at >= format.Length)
            {
                text.Append(format, start, format.Length - start);
                break;
            }
            var letter = format[at++];
            if (field(letter, modifier) is not { } value)
            {
                text.Append(letter == '\n' ? "?\n" : "?");
                continue;
            }
            if (precision is { } most && letter is 'X' or 'Y' or 'Z')
            {
                // Not asked for everyday: the fraction of a second is zero-padded like the whole of it is.
                value += most > 0 ? "." + new string('0', most) : "";
            }
            else if (precision is { } length && value.Length > length)
            {
                value = value[..length];
            }
            text.Append(minus ? value.PadRight(width) : value.PadLeft(width, zero ? '0' : ' '));
        }
        _ = c;
        return text.ToString();
    }

    private static int? Number(string format, ref int at)
    {
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }
        return at > start && int.TryParse(format.AsSpan(start, at - start), out var number) ? number : null;
    }

    private static string? Field(Invocation c, UserDatabase users, FileStatus s, string path, char letter, char modifier, bool quotes)
    {
        var (major, minor) = (s.Device >> 8, s.Device & 0xFF);
        return (modifier, letter) switch
        {
            ('H', 'd') => major.ToString(),
            ('L', 'd') => minor.ToString(),
            ('H', 'r') => s.DeviceNumber.Major.ToString(),
            ('L', 'r') => s.DeviceNumber.Minor.ToString(),
            (_, 'a') => FileModes.Octal(s.Mode),
            (_, 'A') => FileModes.Text(s),
            (_, 'b') => s.Blocks.ToString(),
            (_, 'B') => "512",
            (_, 'C') => "?",
            (_, 'd') => s.Device.ToString(),
            (_, 'D') => s.Device.ToString("x"),
            (_, 'f') => (FileModes.TypeBits(s.Kind) | s.Mode).ToString("x"),
            (_, 'F') => FileModes.Describe(s),
            (_, 'g') => s.GroupId.ToString(),
            (_, 'G') => users.FindGroup(s.GroupId)?.Name ?? "UNKNOWN",
            (_, 'h') => s.Links.ToString(),
            (_, 'i') => s.Inode.ToString(),
            (_, 'm') => c.Process.StatFileSystem(path).MountPoint,
            (_, 'n') => path,
            (_, 'N') => ShownName(c, s, path, quotes),
            (_, 'o') => "4096",
            (_, 's') => s.Size.ToString(),
            (_, 'r') => ((s.DeviceNumber.Major << 8) | s.DeviceNumber.Minor).ToString(),
            (_, 't') => s.DeviceNumber.Major.ToString("x"),
            (_, 'T') => s.DeviceNumber.Minor.ToString("x"),
            (_, 'u') => s.UserId.ToString(),
            (_, 'U') => users.FindUser(s.UserId)?.Name ?? "UNKNOWN",
            (_, 'w') => "-",
            (_, 'W') => "0",
            (_, 'x') => Time(s.Accessed),
            (_, 'X') => s.Accessed.ToUnixTimeSeconds().ToString(),
            (_, 'y') => Time(s.Modified),
            (_, 'Y') => s.Modified.ToUnixTimeSeconds().ToString(),
            (_, 'z') => Time(s.Changed),
            (_, 'Z') => s.Changed.ToUnixTimeSeconds().ToString(),
            _ => null,
        };
    }

    private static string ShownName(Invocation c, FileStatus s, string path, bool quotes)
    {
        string Show(string name) => quotes ? Quote.Always(name) : Quote.Maybe(name);
        return s.Kind == FileKind.SymbolicLink ? Show(path) + " -> " + Show(c.Process.ReadLink(path)) : Show(path);
    }

    private static string Time(DateTimeOffset time) => DateFormat.Format(time.ToUniversalTime(), "%F %T.%N %z");

    private static string? FileSystemField(FileSystemStatus s, string path, char letter) => letter switch
    {
        'a' or 'f' => (s.FreeBytes / 4096).ToString(),
        'b' => (s.TotalBytes / 4096).ToString(),
        'c' => s.TotalInodes.ToString(),
        'd' => s.FreeInodes.ToString(),
        'i' => "0",
        'l' => "255",
        'n' => path,
        's' or 'S' => "4096",
        't' => s.TypeName == "tmpfs" ? "1021994" : s.TypeName == "proc" ? "9fa0" : "794c7630",
        'T' => s.TypeName is "overlay" ? "overlayfs" : s.TypeName,
        _ => null,
    };
}
