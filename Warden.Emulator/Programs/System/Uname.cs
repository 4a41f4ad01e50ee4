using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Uname() : GnuProgram("uname")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "asnrvmpio", "all a", "kernel-name s", "nodename n", "kernel-release r", "kernel-version v", "machine m", "processor p", "hardware-platform i",
            "operating-system o");
        if (o.Operands.Count > 0)
        {
            throw c.ExtraOperand(o.Operands[0]);
        }
        var release = await ReadAsync(c, "/proc/sys/kernel/osrelease", "6.1.0");
        var version = await ReadAsync(c, "/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC");
        var all = o.Has("a");
        var fields = new (string Key, string Value, bool InAll)[]
        {
            ("s", "Linux", true), ("n", c.Process.Container.HostName, true), ("r", release, true), ("v", version, true), ("m", "x86_64", true),
            ("p", "unknown", false), ("i", "unknown", false), ("o", "GNU/Linux", true),
        };
        var shown = fields.Where(f => (all && f.InAll) || o.Has(f.Key)).Select(f => f.Value).ToList();
        c.WriteLine(shown.Count == 0 ? "Linux" : string.Join(' ', shown));
        return 0;
    }

    private static async ValueTask<string> ReadAsync(Invocation c, string path, string otherwise)
    {
        try
        {
            return (await c.ReadAllAsync(path)).TrimEnd('\n');
        }
        catch (ErrnoException)
        {
            return otherwise;
        }
    }
}
