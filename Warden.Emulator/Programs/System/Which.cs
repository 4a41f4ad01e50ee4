namespace Warden.Emulator.Programs;

internal sealed class Which() : GnuProgram("which")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var all = false;
        var at = 0;
        for (; at < c.Arguments.Count && c.Arguments[at].StartsWith('-') && c.Arguments[at].Length > 1; at++)
        {
            if (c.Arguments[at] is not ("-a" or "-s" or "-as" or "-sa"))
            {
                c.WarnRaw($"Illegal option {c.Arguments[at]}\nUsage: {c.InvokedAs} [-as] args\n");
                return ValueTask.FromResult(2);
            }
            all |= c.Arguments[at].Contains('a', StringComparison.Ordinal);
        }
        var status = at < c.Arguments.Count ? 0 : 1;
        foreach (var name in c.Arguments.Skip(at))
        {
            var directories = name.Contains('/', StringComparison.Ordinal) ? [""] : (c.Process.GetEnvironment("PATH") ?? "").Split(':');
            var found = directories
                .Select(d => name.Contains('/', StringComparison.Ordinal) ? name : FilePath.Join(d.Length == 0 ? "." : d, name))
                .Where(p => FilePath.TryStat(c.Process, p) is { Kind: FileSystem.FileKind.Regular } && c.Process.CanAccess(p, execute: true))
                .ToList();
            foreach (var path in all ? found : found.Take(1))
            {
                c.WriteLine(path);
            }
            status = found.Count == 0 ? 1 : status;
        }
        return ValueTask.FromResult(status);
    }
}
