using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Sed() : GnuProgram("sed")
{
    protected override string Version => "sed (GNU sed) 4.9";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "bsnre:f:El:i::V:suz", "quiet n", "silent n", "expression= e", "file= f", "regexp-extended E", "in-place? i", "line-length= l", "separate s",
            "unbuffered u", "null-data z", "posix", "debug", "follow-symlinks", "sandbox", "binary b");
        var script = await ScriptAsync(c, o);
        var parser = new SedParser(c, script, o.LastOf("E", "r") is not null);
        var program = parser.Parse();
        var files = o.Operands.Count == 0 ? ["-"] : o.Operands;
        var machine = new SedMachine(c, program)
        {
            Quiet = o.Has("n") || parser.FirstLineQuiet,
            Separate = o.Has("s") || o.Has("i"),
            InPlaceSuffix = o.Last("i"),
            Separator = o.Has("z") ? '\0' : '\n',
            Unbuffered = o.Has("u"),
        };
        return await machine.RunAsync(files);
    }

    private static async ValueTask<string> ScriptAsync(Invocation c, OptionSet o)
    {
        var parts = new List<string>();
        foreach (var (key, value) in o.All)
        {
            if (key == "e")
            {
                parts.Add(value);
            }
            else if (key == "f")
            {
                try
                {
                    var text = await c.ReadAllAsync(value);
                    parts.Add(text.EndsWith('\n') ? text[..^1] : text);
                }
                catch (ErrnoException failure)
                {
                    throw c.Die($"couldn't open file {value}: {failure.Message}");
                }
            }
        }
        if (parts.Count > 0)
        {
            return string.Join('\n', parts);
        }
        if (o.Operands.Count == 0)
        {
            c.WarnRaw("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n\n");
            throw new ProgramExit(1);
        }
        var script = o.Operands[0];
        o.Operands.RemoveAt(0);
        return script;
    }
}
