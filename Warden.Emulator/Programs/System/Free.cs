using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Free() : GnuProgram("free")
{
    protected override string Version => "free from procps-ng 4.0.2";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("bkmghtw", "bytes b", "kibi k", "mebi m", "gibi g", "human h", "total t", "wide w");
        var fields = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            foreach (var line in (await c.ReadAllAsync("/proc/meminfo")).Split('\n'))
            {
                var words = line.Split((char[])[':', ' '], StringSplitOptions.RemoveEmptyEntries);
                if (words.Length >= 2 && long.TryParse(words[1], out var kilobytes))
                {
                    fields[words[0]] = kilobytes * 1024;
                }
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"/proc/meminfo: {failure.Message}");
        }
        long Of(string name) => fields.GetValueOrDefault(name);
        var unit = o.LastOf("b", "k", "m", "g", "h");
        string Show(long bytes) => (unit switch
        {
            "b" => bytes.ToString(),
            "m" => (bytes >> 20).ToString(),
            "g" => (bytes >> 30).ToString(),
            "h" => bytes == 0 ? "0B" : Sizes.Human(bytes) + "i",
            _ => (bytes >> 10).ToString(),
        }).PadLeft(11);
        string Row(string name, params long[] values) => name.PadRight(9) + string.Join(' ', values.Select(Show));
        var cache = Of("Buffers") + Of("Cached") + Of("SReclaimable");
        var available = fields.TryGetValue("MemAvailable", out var known) ? known : Of("MemFree") + cache;
        c.WriteLine("               total        used        free      shared  buff/cache   available");
        c.WriteLine(Row("Mem:", Of("MemTotal"), Of("MemTotal") - available, Of("MemFree"), Of("Shmem"), cache, available));
        c.WriteLine(Row("Swap:", Of("SwapTotal"), Of("SwapTotal") - Of("SwapFree"), Of("SwapFree")));
        return 0;
    }
}

internal sealed class Uptime() : GnuProgram("uptime")
{
    protected override string Version => "uptime from procps-ng 4.0.2";

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("ps", "pretty p", "since s");
        var now = c.Process.Clock.GetUtcNow();
        var up = now - c.Process.Container.Started;
        if (o.Has("s"))
        {
            c.WriteLine(DateFormat.Format(c.Process.Container.Started.ToUniversalTime(), "%F %T"));
            return ValueTask.FromResult(0);
        }
        if (o.Has("p"))
        {
            c.WriteLine($"up {(int)up.TotalMinutes} minutes");
            return ValueTask.FromResult(0);
        }
        var days = up.Days > 0 ? $"{up.Days} day{(up.Days == 1 ? "" : "s")}, " : "";
        var time = up.Hours > 0 ? $"{up.Hours,2}:{up.Minutes:00}" : $"{up.Minutes} min";
        c.WriteLine($" {DateFormat.Format(now, "%T")} up {days}{time},  0 users,  load average: 0.00, 0.00, 0.00");
        return ValueTask.FromResult(0);
    }
}
