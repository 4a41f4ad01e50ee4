using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Writes an archive in the ustar format, with GNU's long names.</summary>
internal sealed class TarWriter(Invocation c, OptionSet o, UserDatabase users, int output, bool pack)
{
    private const int Block = 512;
    private const int Record = 20 * Block;
    private readonly Dictionary<(int, long), string> _links = [];
    private readonly MemoryStream _archive = new();

    public async ValueTask AddAsync(string path)
    {
        FileStatus status;
        try
        {
            status = o.Has("h") ? c.Process.Stat(path) : c.Process.LinkStat(path);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{path}: Cannot stat: {failure.Message}");
            return;
        }
        if (o.All.Any(x => x.Key == "exclude" && (Glob.Matches(x.Value, path) || Glob.Matches(x.Value, FilePath.BaseName(path)))))
        {
            return;
        }
        var name = o.Has("P") ? path : path.TrimStart('/');
        if (name.Length != path.Length)
        {
            c.Warn("Removing leading `/' from member names");
        }
        try
        {
            await OneAsync(path, name.Length == 0 ? "./" : name, status);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{path}: Cannot open: {failure.Message}");
        }
    }

    public async ValueTask FinishAsync()
    {
        _archive.Write(new byte[2 * Block]);
        _archive.SetLength((_archive.Length + Record - 1) / Record * Record);
        var data = _archive.ToArray();
        await c.FlushAsync();
        await c.Process.WriteAsync(output, pack ? Gzip.Compress(data) : data);
        if (output != 1)
        {
            c.Process.Close(output);
        }
        c.Process.Free(_archive.Length);
    }

    private async ValueTask OneAsync(string path, string name, FileStatus status)
    {
        var type = status.Kind switch
        {
            FileKind.Directory => '5',
            FileKind.SymbolicLink => '2',
            FileKind.CharacterDevice => '3',
            FileKind.BlockDevice => '4',
            FileKind.Fifo => '6',
            FileKind.Socket => '\0',
            _ => '0',
        };
        if (type == '\0')
        {
            c.Warn($"{path}: socket ignored");
            return;
        }
        if (status.Kind == FileKind.Directory && !name.EndsWith('/'))
        {
            name += "/";
        }
        var target = type == '2' ? c.Process.ReadLink(path) : "";
        if (type == '0' && status.Links > 1)
        {
            if (_links.TryGetValue((status.Device, status.Inode), out var first))
            {
                (type, target) = ('1', first);
            }
            else
            {
                _links[(status.Device, status.Inode)] = name;
            }
        }
        var content = type == '0' ? ByteText.ToBytes(await c.ReadAllAsync(path)) : [];
        c.Process.Allocate(content.Length + Block);
        Long('K', target);
        Long('L', name);
        Header(name, type, status, target, content.Length);
        Body(content);
        if (o.Has("v"))
        {
            var line = name + "\n";
            if (output == 1)
            {
                c.WarnRaw(line);
            }
            else
            {
                c.Write(line);
            }
        }
        if (status.Kind == FileKind.Directory && !o.Has("no-recursion"))
        {
            foreach (var entry in o.Last("sort") == "name" ? FilePath.Sorted(c.Process, path) : c.Process.ReadDirectory(path))
            {
                await AddAsync(FilePath.Join(path, entry.Name));
            }
        }
        await c.DrainAsync();
    }

    private void Long(char type, string text)
    {
        if (text.Length <= 100)
        {
            return;
        }
        var status = new FileStatus { Kind = FileKind.Regular, Mode = 0, UserId = 0, GroupId = 0, Size = 0, Modified = DateTimeOffset.UnixEpoch };
        Header("././@LongLink", type, status, "", text.Length + 1);
        Body(ByteText.ToBytes(text + "\0"));
    }

    private void Body(byte[] content)
    {
        _archive.Write(content);
        _archive.Write(new byte[(Block - (content.Length % Block)) % Block]);
    }

    private void Header(string name, char type, FileStatus status, string target, long size)
    {
        var header = new byte[Block];
        void Text(int at, int length, string text) => Encoding.Latin1.GetBytes(text.Length > length ? text[..length] : text, header.AsSpan(at, length));
        void Octal(int at, int length, long number) => Text(at, length, Convert.ToString(number, 8).PadLeft(length - 1, '0'));
        Text(0, 100, name);
        Octal(100, 8, status.Mode);
        Octal(108, 8, status.UserId);
        Octal(116, 8, status.GroupId);
        Octal(124, 12, size);
        Octal(136, 12, Math.Max(0, status.Modified.ToUnixTimeSeconds()));
        Text(148, 8, "        ");
        header[156] = (byte)type;
        Text(157, 100, target);
        Text(257, 8, "ustar  ");
        Text(265, 32, users.FindUser(status.UserId)?.Name ?? "");
        Text(297, 32, users.FindGroup(status.GroupId)?.Name ?? "");
        if (type is '3' or '4')
        {
            Octal(329, 8, status.DeviceNumber.Major);
            Octal(337, 8, status.DeviceNumber.Minor);
        }
        var sum = 0;
        foreach (var b in header)
        {
            sum += b;
        }
        Text(148, 8, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        _archive.Write(header);
    }
}
