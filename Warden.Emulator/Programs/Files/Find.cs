using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Find() : GnuProgram("find")
{
    protected override string Version => "find (GNU findutils) 4.9.0";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        var follow = 'P';
        while (arguments.Count > 0 && arguments[0] is "-L" or "-P" or "-H")
        {
            follow = arguments[0][1];
            arguments.RemoveAt(0);
        }
        var count = arguments.FindIndex(a => a is "!" or "(" or ")" or "," || (a.Length > 1 && a[0] == '-'));
        count = count < 0 ? arguments.Count : count;
        var roots = arguments.Take(count).ToList();
        var expression = await new FindParser(c, arguments.Skip(count).ToList(), follow).ParseAsync();
        foreach (var root in roots.Count == 0 ? ["."] : roots)
        {
            await WalkAsync(c, expression, root, root, 0, follow);
            if (expression.Quits)
            {
                break;
            }
        }
        foreach (var batch in expression.Batches)
        {
            await batch.FinishAsync(c);
        }
        return c.Status;
    }

    private static async ValueTask WalkAsync(Invocation c, FindExpression expression, string root, string path, int depth, char follow)
    {
        FileStatus status;
        try
        {
            status = follow == 'L' || (follow == 'H' && depth == 0) ? FilePath.TryStat(c.Process, path) ?? c.Process.LinkStat(path) : c.Process.LinkStat(path);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{Quote.Always(path)}: {failure.Message}");
            await c.DrainAsync();
            return;
        }
        var file = new FoundFile(root, path, depth, status);
        if (!expression.DepthFirst && depth >= expression.MinDepth)
        {
            await expression.Root.TestAsync(c, file);
        }
        if (!expression.Quits && status.Kind == FileKind.Directory && depth < expression.MaxDepth && !file.Pruned)
        {
            IReadOnlyList<DirectoryEntry> entries = [];
            try
            {
                entries = c.Process.ReadDirectory(path);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Always(path)}: {failure.Message}");
            }
            foreach (var entry in entries)
            {
                await WalkAsync(c, expression, root, FilePath.Join(path, entry.Name), depth + 1, follow);
                if (expression.Quits)
                {
                    return;
                }
            }
        }
        if (expression.DepthFirst && depth >= expression.MinDepth && !expression.Quits)
        {
            await expression.Root.TestAsync(c, file);
        }
        await c.DrainAsync();
    }
}

/// <summary>A file that find looks at.</summary>
internal sealed class FoundFile(string root, string path, int depth, FileStatus status)
{
    public string Root { get; } = root;

    public string Path { get; } = path;

    public int Depth { get; } = depth;

    public FileStatus Status { get; } = status;

    public bool Pruned { get; set; }

    public string Name => FilePath.BaseName(Path);
}

/// <summary>A parsed expression with the options that hold for all of it.</summary>
internal sealed class FindExpression
{
    public FindNode Root { get; set; } = new FindNode((_, _) => ValueTask.FromResult(true));

    public int MinDepth { get; set; }

    public int MaxDepth { get; set; } = int.MaxValue;

    public bool DepthFirst { get; set; }

    public bool Quits { get; set; }

    public List<FindBatch> Batches { get; } = [];
}

/// <summary>One test or action.</summary>
internal sealed class FindNode(Func<Invocation, FoundFile, ValueTask<bool>> test)
{
    public ValueTask<bool> TestAsync(Invocation c, FoundFile file) => test(c, file);
}

/// <summary>A command of -exec … +, with the names gathered for it.</summary>
internal sealed class FindBatch(List<string> command)
{
    private const int Limit = 128 * 1024;
    private readonly List<string> _names = [];
    private int _size;

    public async ValueTask AddAsync(Invocation c, string name)
    {
        if (_size + name.Length > Limit)
        {
            await FinishAsync(c);
        }
        _names.Add(name);
        _size += name.Length + 1;
    }

    public async ValueTask FinishAsync(Invocation c)
    {
        if (_names.Count == 0)
        {
            return;
        }
        List<string> all = [.. command, .. _names];
        _names.Clear();
        _size = 0;
        try
        {
            var status = await Execution.RunAsync(c, all);
            c.Status = status.ShellStatus == 0 ? c.Status : 1;
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{Quote.Always(command[0])}: {failure.Message}");
        }
    }
}
