using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Tail() : GnuProgram("tail")
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        string? oldForm = null;
        // The old forms: tail -5, tail +5, tail -5f.
        if (arguments.Count > 0 && arguments[0].Length > 1 && arguments[0][0] is '-' or '+' && char.IsAsciiDigit(arguments[0][1]))
        {
            var old = oldForm = arguments[0];
            if (old.EndsWith('f'))
            {
                arguments.Insert(1, "-f");
            }
            arguments[0] = (old.TrimEnd('f').EndsWith('c') ? "-c" : "-n") + (old[0] == '+' ? "+" : "") + old[1..].TrimEnd('f', 'c', 'l');
        }
        var o = OptionSet.Parse(
            c, arguments, "c:n:fFqs:vz",
            ["bytes= c", "lines= n", "follow? f", "quiet q", "silent q", "verbose v", "zero-terminated z", "pid=", "retry", "sleep-interval= s", "max-unchanged-stats="]);
        var bytes = o.LastOf("c", "n") == "c";
        var text = o.Last(bytes ? "c" : "n") ?? "10";
        var fromStart = text.StartsWith('+');
        if (!Sizes.TryParse(text.TrimStart('-', '+'), out var count))
        {
            throw c.Die($"invalid number of {(bytes ? "bytes" : "lines")}: {Quote.Locale(text)}");
        }
        if (oldForm is not null && o.Operands.Count > 1)
        {
            throw c.Die($"option used in invalid context -- {oldForm[1]}");
        }
        var files = o.Operands.Count == 0 ? ["-"] : o.Operands;
        var headers = o.LastOf("q", "v") is { } key ? key == "v" : files.Count > 1;
        var first = true;
        var followed = new List<(string Name, int Fd)>();
        foreach (var file in files)
        {
            int fd;
            try
            {
                fd = await c.OpenInputAsync(file);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot open {Quote.Always(file)} for reading: {failure.Message}");
                await c.DrainAsync();
                continue;
            }
            if (headers)
            {
                c.Write($"{(first ? "" : "\n")}==> {(file == "-" ? "standard input" : file)} <==\n");
            }
            first = false;
            try
            {
                await new TailReader(c, fd, count, bytes, o.Has("z") ? (byte)0 : (byte)'\n').RunAsync(fromStart);
                await c.FlushAsync();
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error reading {Quote.Always(file)}: {failure.Message}");
                continue;
            }
            followed.Add((file, fd));
        }
        if (o.LastOf("f", "F") is not null)
        {
            await FollowAsync(c, followed, headers, o.Last("pid"));
        }
        return c.Status;
    }

    private static async ValueTask FollowAsync(Invocation c, List<(string Name, int Fd)> files, bool headers, string? pid)
    {
        files.RemoveAll(f => c.Process.GetFile(f.Fd).Status.Kind is FileKind.Fifo);
        var last = files.Count > 0 ? files[^1].Name : "";
        var buffer = new byte[64 * 1024];
        while (files.Count > 0)
        {
            foreach (var (name, fd) in files)
            {
                while (await c.Process.ReadAsync(fd, buffer) is var count && count > 0)
                {
                    if (headers && name != last)
                    {
                        c.Write($"\n==> {name} <==\n");
                        last = name;
                    }
                    c.Write(buffer.AsSpan(0, count));
                    await c.FlushAsync();
                }
            }
            if (pid is not null && int.TryParse(pid, out var watched) && !c.Process.Container.Processes.Any(p => p.Id == watched))
            {
                return;
            }
            await c.Process.SleepAsync(Interval);
        }
    }
}
