using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>awk, as mawk has it in Debian.</summary>
internal sealed class AwkCommand() : GnuProgram("awk")
{
    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/awk", "/usr/bin/mawk"];

    protected override int FailureStatus => 2;

    protected override string Version => "mawk 1.3.4 20200120";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+F:v:f:W:", "field-separator= F", "assign= v", "file= f");
        string source;
        if (o.Has("f"))
        {
            var parts = new List<string>();
            foreach (var (_, path) in o.All.Where(x => x.Key == "f"))
            {
                try
                {
                    parts.Add(await c.ReadAllAsync(path));
                }
                catch (ErrnoException failure)
                {
                    throw c.Die($"cannot open {path} ({failure.Message})");
                }
            }
            source = string.Join('\n', parts);
        }
        else
        {
            if (o.Operands.Count == 0)
            {
                c.WarnRaw("Usage: mawk [Options] [Program] [file ...]\n");
                return 2;
            }
            source = o.Operands[0];
            o.Operands.RemoveAt(0);
        }
        var program = new AwkParser(c, source).Parse();
        var machine = new AwkMachine(c, program, [c.InvokedAs, .. o.Operands]);
        if (o.Last("F") is { } separator)
        {
            machine.Assign("FS", separator == "t" ? "\t" : separator);
        }
        foreach (var (_, text) in o.All.Where(x => x.Key == "v"))
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw c.Die($"improper assignment: -v {text}");
            }
            machine.Assign(text[..equals], text[(equals + 1)..]);
        }
        return await machine.RunAsync();
    }
}
