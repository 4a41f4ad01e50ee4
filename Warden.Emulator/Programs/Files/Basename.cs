namespace Warden.Emulator.Programs;

internal sealed class Basename() : GnuProgram("basename")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+as:z", "multiple a", "suffix= s", "zero z");
        var many = o.Has("a") || o.Has("s");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        if (!many && o.Operands.Count > 2)
        {
            throw c.ExtraOperand(o.Operands[2]);
        }
        var suffix = many ? o.Last("s") ?? "" : o.Operands.ElementAtOrDefault(1) ?? "";
        foreach (var path in many ? o.Operands : o.Operands[..1])
        {
            var name = path.Length == 0 ? "" : FilePath.BaseName(path);
            if (suffix.Length > 0 && name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
            }
            c.Write(name + (o.Has("z") ? "\0" : "\n"));
        }
        return ValueTask.FromResult(0);
    }
}

internal sealed class Dirname() : GnuProgram("dirname")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("z", "zero z");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        foreach (var path in o.Operands)
        {
            c.Write(FilePath.DirectoryName(path) + (o.Has("z") ? "\0" : "\n"));
        }
        return ValueTask.FromResult(0);
    }
}

internal sealed class Pwd() : GnuProgram("pwd")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("LP", "logical L", "physical P");
        if (o.Operands.Count > 0)
        {
            c.Warn("ignoring non-option arguments");
        }
        var directory = c.Process.CurrentDirectory;
        if (o.LastOf("L", "P") == "L" && c.Process.GetEnvironment("PWD") is { Length: > 0 } logical && logical[0] == '/'
            && FilePath.TryStat(c.Process, logical) is { } a && FilePath.TryStat(c.Process, ".") is { } b && FilePath.SameFile(a, b))
        {
            directory = logical;
        }
        c.WriteLine(directory);
        return ValueTask.FromResult(0);
    }
}
