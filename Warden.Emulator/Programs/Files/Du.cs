using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Du() : GnuProgram("du")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "0aAbB:cd:DHhklLmPsSt:x", "all a", "apparent-size A", "bytes b", "block-size= B", "total c", "max-depth= d", "human-readable h", "count-links l",
            "dereference L", "summarize s", "separate-dirs S", "one-file-system x", "exclude=", "si", "null 0", "threshold= t", "inodes", "time?");
        var walk = new Walk(c, o);
        foreach (var path in o.Operands.Count == 0 ? ["."] : o.Operands)
        {
            await walk.AddAsync(path, 0);
            await c.DrainAsync();
        }
        if (o.Has("c"))
        {
            walk.Print(walk.Total, "total");
        }
        return c.Status;
    }

    private sealed class Walk
    {
        private readonly Invocation _c;
        private readonly OptionSet _o;
        private readonly HashSet<(int, long)> _seen = [];
        private readonly long _depth;
        private readonly long _block = 1024;
        private readonly bool _apparent;

        public Walk(Invocation c, OptionSet o)
        {
            _c = c;
            _o = o;
            _apparent = o.LastOf("A", "b") is not null;
            _depth = o.Has("s") ? 0 : long.MaxValue;
            if (o.Last("d") is { } depth && !long.TryParse(depth, out _depth))
            {
                throw c.Usage($"invalid maximum depth {Quote.Locale(depth)}");
            }
            if (o.LastOf("b", "B", "k", "m") is { } key)
            {
                var text = key switch { "b" => "1", "k" => "1K", "m" => "1M", _ => char.IsAsciiDigit(o.Last("B")!.FirstOrDefault()) ? o.Last("B")! : "1" + o.Last("B") };
                if (!Sizes.TryParse(text, out _block) || _block == 0)
                {
                    throw c.Die($"invalid -B argument {Quote.Locale(o.Last("B")!)}");
                }
            }
        }

        public long Total { get; private set; }

        public async ValueTask<long> AddAsync(string path, int depth)
        {
            FileStatus status;
            try
            {
                status = _o.Has("L") || (depth == 0 && _o.LastOf("D", "H") is not null) ? _c.Process.Stat(path) : _c.Process.LinkStat(path);
            }
            catch (ErrnoException failure)
            {
                _c.Fail($"cannot access {Quote.Always(path)}: {failure.Message}");
                return 0;
            }
            if (_o.All.Any(x => x.Key == "exclude" && (Glob.Matches(x.Value, path) || Glob.Matches(x.Value, FilePath.BaseName(path)))))
            {
                return 0;
            }
            var isDirectory = status.Kind == FileKind.Directory;
            if (((status.Links > 1 && !isDirectory) || depth == 0) && !_o.Has("l") && !_seen.Add((status.Device, status.Inode)))
            {
                return 0;
            }
            var size = _o.Has("inodes") ? 1 : _apparent ? status.Size : status.Blocks * 512;
            var own = size;
            if (isDirectory)
            {
                try
                {
                    foreach (var entry in _c.Process.ReadDirectory(path))
                    {
                        var child = await AddAsync(FilePath.Join(path, entry.Name), depth + 1);
                        size += child;
                        own += entry.Kind == FileKind.Directory ? 0 : child;
                    }
                }
                catch (ErrnoException failure)
                {
                    _c.Fail($"cannot read directory {Quote.Always(path)}: {failure.Message}");
                }
                await _c.DrainAsync();
            }
            if (depth == 0)
            {
                Total += size;
            }
            if (depth <= _depth && (depth == 0 || isDirectory || _o.Has("a")))
            {
                Print(_o.Has("S") ? own : size, path);
            }
            return size;
        }

        public void Print(long size, string name)
        {
            var text = _o.Has("inodes") ? size.ToString()
                : _o.LastOf("h", "si", "b", "B", "k", "m") is "h" ? Sizes.Human(size)
                : _o.LastOf("h", "si", "b", "B", "k", "m") is "si" ? Sizes.Human(size, 1, 1000)
                : ((size + _block - 1) / _block).ToString();
            _c.Write(text + "\t" + name + (_o.Has("0") ? "\0" : "\n"));
        }
    }
}
