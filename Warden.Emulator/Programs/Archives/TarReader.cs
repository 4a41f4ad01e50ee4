using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Lists and unpacks archives.</summary>
internal sealed class TarReader(Invocation c, OptionSet o, UserDatabase users)
{
    private const int Block = 512;
    private readonly List<(string Path, FileStatus Status)> _directories = [];
    private readonly HashSet<string> _found = [];

    public async ValueTask RunAsync(byte[] archive)
    {
        Tar.ChangeDirectory(c, o);
        var (longName, longTarget) = ("", "");
        if (archive.Length is > 0 and < Block)
        {
            c.Fail("This does not look like a tar archive");
        }
        for (var at = 0; at + Block <= archive.Length;)
        {
            var header = archive.AsMemory(at, Block);
            if (header.Span.IndexOfAnyExcept((byte)0) < 0)
            {
                break;
            }
            if (!IsHeader(header.Span))
            {
                c.Warn("This does not look like a tar archive");
                c.Status = 2;
                return;
            }
            var size = Octal(header.Span.Slice(124, 12));
            if (at + Block + size > archive.Length)
            {
                c.Warn("Unexpected EOF in archive");
                throw c.Die("Error is not recoverable: exiting now");
            }
            var content = archive.AsMemory(at + Block, (int)size);
            at += Block + (int)((size + Block - 1) / Block * Block);
            var type = (char)header.Span[156];
            switch (type)
            {
                case 'L':
                    longName = Text(content.Span);
                    continue;
                case 'K':
                    longTarget = Text(content.Span);
                    continue;
                case 'x' or 'g':
                    continue;
            }
            var prefix = Text(header.Span.Slice(257, 6)) == "ustar" ? Text(header.Span.Slice(345, 155)) : "";
            var name = longName.Length > 0 ? longName : (prefix.Length > 0 ? prefix + "/" : "") + Text(header.Span[..100]);
            var target = longTarget.Length > 0 ? longTarget : Text(header.Span.Slice(157, 100));
            (longName, longTarget) = ("", "");
            await MemberAsync(name, target, type, header, content);
            await c.DrainAsync();
        }
        foreach (var (path, status) in _directories.AsEnumerable().Reverse())
        {
            c.Process.SetTimes(path, null, status.Modified);
        }
        foreach (var wanted in o.Operands.Where(x => !_found.Contains(x)))
        {
            c.Fail($"{wanted}: Not found in archive");
        }
    }

    private async ValueTask MemberAsync(string name, string target, char type, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> content)
    {
        var wanted = o.Operands.Count == 0;
        foreach (var operand in o.Operands)
        {
            var bare = operand.TrimEnd('/');
            if (name == operand || name.TrimEnd('/') == bare || name.StartsWith(bare + "/", StringComparison.Ordinal) || (o.Has("wildcards") && Glob.Matches(operand, name)))
            {
                wanted = true;
                _found.Add(operand);
            }
        }
        if (!wanted || o.All.Any(x => x.Key == "exclude" && (Glob.Matches(x.Value, name.TrimEnd('/')) || Glob.Matches(x.Value, FilePath.BaseName(name)))))
        {
            return;
        }
        var status = new FileStatus
        {
            Kind = type switch { '5' => FileKind.Directory, '2' => FileKind.SymbolicLink, '3' => FileKind.CharacterDevice, '4' => FileKind.BlockDevice, '6' => FileKind.Fifo, _ => FileKind.Regular },
            Mode = (int)Octal(header.Span.Slice(100, 8)) & 0xFFF,
            UserId = users.FindUser(Text(header.Span.Slice(265, 32)))?.Id ?? (uint)Octal(header.Span.Slice(108, 8)),
            GroupId = users.FindGroup(Text(header.Span.Slice(297, 32)))?.Id ?? (uint)Octal(header.Span.Slice(116, 8)),
            Size = content.Length,
            Modified = DateTimeOffset.FromUnixTimeSeconds(Octal(header.Span.Slice(136, 12))),
            DeviceNumber = ((int)Octal(header.Span.Slice(329, 8)), (int)Octal(header.Span.Slice(337, 8))),
        };
        if (o.Has("t"))
        {
            c.WriteLine(o.Has("v") ? Line(name, target, type, status, header) : name);
            return;
        }
        if (o.Has("v"))
        {
            c.WriteLine(name);
        }
        if (o.Has("O"))
        {
            c.Write(content.Span);
            return;
        }
        var path = Local(name);
        if (path.Length == 0)
        {
            return;
        }
        try
        {
            await ExtractAsync(path, Local(target), target, type, status, content);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{path}: Cannot {(type == '5' ? "mkdir" : "open")}: {failure.Message}");
        }
    }

    // Members stay below the current directory.
    private string Local(string name)
    {
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToList();
        if (!o.Has("P") && parts.Contains(".."))
        {
            parts = [.. parts.Skip(parts.LastIndexOf("..") + 1)];
        }
        var strip = int.TryParse(o.Last("strip-components"), out var count) ? count : 0;
        return (o.Has("P") && name.StartsWith('/') ? "/" : "") + string.Join('/', parts.Skip(strip));
    }

    private async ValueTask ExtractAsync(string path, string linkedPath, string target, char type, FileStatus status, ReadOnlyMemory<byte> content)
    {
        Parents(path);
        var existing = FilePath.TryLinkStat(c.Process, path);
        if (existing is not null && existing.Kind != FileKind.Directory)
        {
            if (o.Has("k"))
            {
                throw new ErrnoException(Errno.EEXIST);
            }
            c.Process.Unlink(path);
        }
        switch (type)
        {
            case '5':
                if (existing?.Kind != FileKind.Directory)
                {
                    c.Process.MakeDirectory(path, status.Mode | 0x1C0);
                }
                _directories.Add((path, status));
                break;
            case '2':
                c.Process.SymbolicLink(target, path);
                break;
            case '1':
                c.Process.Link(linkedPath, path);
                return;
            case '6':
                c.Process.MakeFifo(path, status.Mode);
                break;
            case '3' or '4':
                c.Process.MakeDevice(path, status.Mode, status.Kind, status.DeviceNumber.Major, status.DeviceNumber.Minor);
                break;
            default:
                var fd = await c.Process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, status.Mode & 0x1FF);
                try
                {
                    await c.Process.WriteAsync(fd, content);
                }
                catch (ErrnoException failure)
                {
                    c.Fail($"{path}: Cannot write: {failure.Message}");
                }
                finally
                {
                    c.Process.Close(fd);
                }
                break;
        }
        var isRoot = c.Process.UserId == 0;
        if (isRoot && !o.Has("no-same-owner"))
        {
            c.Process.ChangeOwner(path, status.UserId, status.GroupId, followLinks: false);
        }
        if (type != '2')
        {
            c.Process.ChangeMode(path, isRoot || o.Has("p") ? status.Mode : status.Mode & 0x1FF & ~c.Process.Umask);
        }
        if (!o.Has("m"))
        {
            c.Process.SetTimes(path, null, status.Modified, followLinks: false);
        }
    }

    private void Parents(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (FilePath.TryStat(c.Process, path[..slash]) is null)
            {
                c.Process.MakeDirectory(path[..slash]);
            }
        }
    }

    private static string Line(string name, string target, char type, FileStatus status, ReadOnlyMemory<byte> header)
    {
        var owner = Text(header.Span.Slice(265, 32)) is { Length: > 0 } u ? u : status.UserId.ToString();
        var group = Text(header.Span.Slice(297, 32)) is { Length: > 0 } g ? g : status.GroupId.ToString();
        var mode = type == '1' ? "h" + FileModes.Text(status)[1..] : FileModes.Text(status);
        var who = owner + "/" + group;
        var size = status.Size.ToString().PadLeft(Math.Max(status.Size.ToString().Length, 19 - 1 - who.Length));
        var arrow = type switch { '2' => " -> " + target, '1' => " link to " + target, _ => "" };
        return $"{mode} {who} {size} {DateFormat.Format(status.Modified, "%Y-%m-%d %H:%M")} {name}{arrow}";
    }

    private static bool IsHeader(ReadOnlySpan<byte> header)
    {
        var sum = 0;
        for (var i = 0; i < header.Length; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : header[i];
        }
        return sum == Octal(header.Slice(148, 8));
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (var b in field)
        {
            if (b is >= (byte)'0' and <= (byte)'7')
            {
                number = (number * 8) + (b - '0');
            }
            else if (b != ' ')
            {
                break;
            }
        }
        return number;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]).TrimEnd(' ');
    }
}
