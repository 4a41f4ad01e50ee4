using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Df() : GnuProgram("df")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "aB:hHiklmPt:Tvx:", "all a", "block-size= B", "human-readable h", "si H", "inodes i", "portability P", "print-type T", "local l", "type= t",
            "exclude-type= x", "output? output", "total", "sync", "no-sync");
        var mounts = new List<FileSystemStatus>();
        if (o.Operands.Count == 0)
        {
            foreach (var path in await MountPointsAsync(c))
            {
                try
                {
                    var status = c.Process.StatFileSystem(path);
                    if ((status.TotalBytes > 0 || o.Has("a")) && !mounts.Exists(m => m.MountPoint == status.MountPoint))
                    {
                        mounts.Add(status);
                    }
                }
                catch (ErrnoException)
                {
                    // A mount point that may not be looked at is passed over.
                }
            }
        }
        foreach (var path in o.Operands)
        {
            try
            {
                mounts.Add(c.Process.StatFileSystem(path));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Maybe(path)}: {failure.Message}");
            }
        }
        mounts.RemoveAll(m => (o.Last("t") is { } type && m.TypeName != type) || (o.Last("x") is { } excluded && m.TypeName == excluded));
        if (mounts.Count == 0)
        {
            return o.Operands.Count > 0 && c.Status != 0 ? c.Status : throw c.Die("no file systems processed");
        }
        Print(c, o, mounts);
        return c.Status;
    }

    private static async ValueTask<IEnumerable<string>> MountPointsAsync(Invocation c)
    {
        try
        {
            var lines = (await c.ReadAllAsync("/proc/mounts")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.Select(l => l.Split(' ')).Where(f => f.Length > 1).Select(f => f[1])];
        }
        catch (ErrnoException)
        {
            return ["/"];
        }
    }

    private static void Print(Invocation c, OptionSet o, List<FileSystemStatus> mounts)
    {
        var inodes = o.Has("i");
        var human = o.LastOf("h", "H", "k", "m", "B");
        long block = 1024;
        if (human == "m")
        {
            block = 1 << 20;
        }
        else if (human == "B" && !Sizes.TryParse(char.IsAsciiDigit(o.Last("B")![0]) ? o.Last("B")! : "1" + o.Last("B"), out block))
        {
            throw c.Die($"invalid -B argument {Quote.Locale(o.Last("B")!)}");
        }
        string Amount(long bytes) => human is "h" or "H" ? Sizes.Human(bytes, 1, human == "h" ? 1024 : 1000) : ((bytes + block - 1) / block).ToString();
        string Percent(long used, long total) => total <= 0 ? "-" : ((used * 100) + total - 1) / total + "%";
        var sizeTitle = human is "h" or "H" ? "Size" : human == "B" ? (o.Last("B")!.Trim('1') is { Length: > 0 } unit ? "1" + unit + "-blocks" : block + "-blocks") : human == "m" ? "1M-blocks" : o.Has("P") ? "1024-blocks" : "1K-blocks";
        var columns = new List<(string Title, bool Left, Func<FileSystemStatus, string> Value, int Minimum)> { ("Filesystem", true, m => m.Source, 14) };
        if (o.Has("T"))
        {
            columns.Add(("Type", true, m => m.TypeName, 4));
        }
        if (inodes)
        {
            string Count(long value) => human is "h" or "H" ? Sizes.Human(value) : value.ToString();
            columns.Add(("Inodes", false, m => Count(m.TotalInodes), 5));
            columns.Add(("IUsed", false, m => Count(m.TotalInodes - m.FreeInodes), 5));
            columns.Add(("IFree", false, m => Count(m.FreeInodes), 5));
            columns.Add(("IUse%", false, m => Percent(m.TotalInodes - m.FreeInodes, m.TotalInodes), 4));
        }
        else
        {
            columns.Add((sizeTitle, false, m => Amount(m.TotalBytes), 5));
            columns.Add(("Used", false, m => Amount(m.TotalBytes - m.FreeBytes), 5));
            columns.Add((human is "h" or "H" ? "Avail" : "Available", false, m => Amount(m.FreeBytes), 5));
            columns.Add((o.Has("P") ? "Capacity" : "Use%", false, m => Percent(m.TotalBytes - m.FreeBytes, m.TotalBytes), 4));
        }
        columns.Add(("Mounted on", true, m => m.MountPoint, 0));
        Table.Print(c, columns, mounts);
    }
}
