using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Env() : GnuProgram("env")
{
    protected override int FailureStatus => 125;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        // -S splits one argument into several, so that #! lines can hold options.
        for (var i = 0; i < arguments.Count && arguments[i].StartsWith('-'); i++)
        {
            var split = arguments[i] == "-S" && i + 1 < arguments.Count ? arguments[i + 1]
                : arguments[i].StartsWith("-S", StringComparison.Ordinal) ? arguments[i][2..]
                : arguments[i].StartsWith("--split-string=", StringComparison.Ordinal) ? arguments[i][15..] : null;
            if (split is not null)
            {
                arguments.RemoveRange(i, arguments[i] == "-S" ? 2 : 1);
                arguments.InsertRange(i, split.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
                break;
            }
        }
        if (arguments.Count > 0 && arguments[0] == "-")
        {
            arguments[0] = "-i";
        }
        var o = OptionSet.Parse(c, arguments, "+0iC:u:v", ["ignore-environment i", "null 0", "unset= u", "chdir= C", "debug v"]);
        var environment = o.Has("i") ? [] : c.Process.Environment.ToList();
        foreach (var (_, name) in o.All.Where(x => x.Key == "u"))
        {
            environment.RemoveAll(e => e.Key == name);
        }
        var at = 0;
        for (; at < o.Operands.Count && o.Operands[at].IndexOf('=', StringComparison.Ordinal) is var equals && equals >= 0; at++)
        {
            var variable = KeyValuePair.Create(o.Operands[at][..equals], o.Operands[at][(equals + 1)..]);
            var existing = environment.FindIndex(e => e.Key == variable.Key);
            if (existing >= 0)
            {
                environment[existing] = variable;
            }
            else
            {
                environment.Add(variable);
            }
        }
        if (at == o.Operands.Count)
        {
            if (o.Has("C"))
            {
                throw c.Usage("must specify command with --chdir (-C)");
            }
            foreach (var (key, value) in environment)
            {
                c.Write($"{key}={value}{(o.Has("0") ? '\0' : '\n')}");
            }
            return 0;
        }
        if (o.Last("C") is { } directory)
        {
            try
            {
                c.Process.ChangeDirectory(directory);
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"cannot change directory to {Quote.Always(directory)}: {failure.Message}");
            }
        }
        return await Execution.BecomeOrTellAsync(c, o.Operands[at..], Quote.Always(o.Operands[at]), environment);
    }
}

internal sealed class Printenv() : GnuProgram("printenv")
{
    protected override int FailureStatus => 2;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+0", "null 0");
        var end = o.Has("0") ? '\0' : '\n';
        if (o.Operands.Count == 0)
        {
            foreach (var (key, value) in c.Process.Environment)
            {
                c.Write($"{key}={value}{end}");
            }
            return ValueTask.FromResult(0);
        }
        foreach (var name in o.Operands)
        {
            if (c.Process.GetEnvironment(name) is { } value)
            {
                c.Write(value + end);
            }
            else
            {
                c.Status = 1;
            }
        }
        return ValueTask.FromResult(c.Status);
    }
}
