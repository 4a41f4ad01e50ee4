using System.Globalization;
using System.Text;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;
using Warden.Spec.Backend;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>ulimit.</summary>
internal sealed class LimitBuiltin : Builtin
{
    private static readonly (char Letter, string Text, string Unit, ResourceLimit? Limit, uint Scale)[] Table =
    [
        ('R', "real-time non-blocking time ", "(microseconds, -R) ", null, 1), ('c', "core file size", "(blocks, -c) ", ResourceLimit.Core, 1024),
        ('d', "data seg size", "(kbytes, -d) ", ResourceLimit.Data, 1024), ('e', "scheduling priority", "(-e) ", ResourceLimit.Nice, 1),
        ('f', "file size", "(blocks, -f) ", ResourceLimit.Fsize, 1024), ('i', "pending signals", "(-i) ", ResourceLimit.Sigpending, 1),
        ('l', "max locked memory", "(kbytes, -l) ", ResourceLimit.Memlock, 1024), ('m', "max memory size", "(kbytes, -m) ", ResourceLimit.Rss, 1024),
        ('n', "open files", "(-n) ", ResourceLimit.Nofile, 1), ('p', "pipe size", "(512 bytes, -p) ", null, 1),
        ('q', "POSIX message queues", "(bytes, -q) ", ResourceLimit.Msgqueue, 1), ('r', "real-time priority", "(-r) ", ResourceLimit.Rtprio, 1),
        ('s', "stack size", "(kbytes, -s) ", ResourceLimit.Stack, 1024), ('t', "cpu time", "(seconds, -t) ", ResourceLimit.Cpu, 1),
        ('u', "max user processes", "(-u) ", ResourceLimit.Nproc, 1), ('v', "virtual memory", "(kbytes, -v) ", ResourceLimit.As, 1024),
        ('x', "file locks", "(-x) ", ResourceLimit.Locks, 1),
    ];

    public override string Name => "ulimit";

    public override string Usage => "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var soft = false;
        var hard = false;
        var all = false;
        var letters = new List<char>();
        var scanner = new OptionScanner(call, "SHaRcdefilmnpqrstuvx");
        while (scanner.TryNext(out var letter))
        {
            switch (letter)
            {
                case 'S':
                    soft = true;
                    break;
                case 'H':
                    hard = true;
                    break;
                case 'a':
                    all = true;
                    break;
                default:
                    letters.Add(letter);
                    break;
            }
        }

        if (all)
        {
            var text = new StringBuilder();
            foreach (var row in Table)
            {
                text.Append($"{row.Text,-20}{row.Unit,20}{Show(call.Shell, row, hard && !soft)}\n");
            }

            await call.Shell.WriteAsync(text.ToString());
            return 0;
        }

        if (letters.Count == 0)
        {
            letters.Add('f');
        }

        foreach (var letter in letters)
        {
            var row = Array.Find(Table, row => row.Letter == letter);
            if (scanner.Index >= call.Arguments.Count)
            {
                await call.Shell.WriteAsync((letters.Count > 1 ? $"{row.Text,-20}{row.Unit,20}" : "") + Show(call.Shell, row, hard && !soft) + "\n");
                continue;
            }

            if (await SetAsync(call, row, call.Arguments[scanner.Index], soft, hard) is var status && status != 0)
            {
                return status;
            }
        }

        return 0;
    }

    private static string Show(Interpreter shell, (char Letter, string Text, string Unit, ResourceLimit? Limit, uint Scale) row, bool hard)
    {
        if (row.Limit is not { } limit)
        {
            return row.Letter == 'p' ? "8" : "unlimited";
        }

        var (soft, most) = shell.Process.GetLimit(limit);
        var value = hard ? most : soft;
        return value == ulong.MaxValue ? "unlimited" : (value / row.Scale).ToString(CultureInfo.InvariantCulture);
    }

    private static async ValueTask<int> SetAsync(
        BuiltinCall call, (char Letter, string Text, string Unit, ResourceLimit? Limit, uint Scale) row, string text, bool soft, bool hard)
    {
        if (row.Limit is not { } limit)
        {
            return await call.FailAsync($"{row.Text.Trim()}: cannot modify limit: Invalid argument");
        }

        var (oldSoft, oldHard) = call.Shell.Process.GetLimit(limit);
        ulong value;
        switch (text)
        {
            case "unlimited":
                value = ulong.MaxValue;
                break;
            case "hard":
                value = oldHard;
                break;
            case "soft":
                value = oldSoft;
                break;
            default:
                if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return await call.FailAsync($"{text}: invalid number");
                }

                value = number > ulong.MaxValue / row.Scale ? ulong.MaxValue : number * row.Scale;
                break;
        }

        if (!soft && !hard)
        {
            soft = hard = true;
        }

        try
        {
            call.Shell.Process.SetLimit(limit, soft ? value : oldSoft, hard ? value : oldHard);
            return 0;
        }
        catch (ErrnoException error)
        {
            return await call.FailAsync($"{row.Text.Trim()}: cannot modify limit: {ErrnoException.Describe(error.Errno)}");
        }
    }
}

/// <summary>umask.</summary>
internal sealed class UmaskBuiltin : Builtin
{
    public override string Name => "umask";

    public override string Usage => "umask [-p] [-S] [mode]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var process = call.Shell.Process;
        var symbolic = false;
        var command = false;
        var scanner = new OptionScanner(call, "pS");
        while (scanner.TryNext(out var letter))
        {
            symbolic |= letter == 'S';
            command |= letter == 'p';
        }

        if (scanner.Index < call.Arguments.Count)
        {
            var text = call.Arguments[scanner.Index];
            int mask;
            if (char.IsAsciiDigit(text[0]))
            {
                if (text.Any(static c => c is < '0' or > '7') || text.Length > 6 || Convert.ToInt32(text, 8) > 0xFFF)
                {
                    return await call.FailAsync($"{text}: octal number out of range");
                }

                mask = Convert.ToInt32(text, 8) & 0x1FF;
            }
            else if (SymbolicMode.TryApply(text, ~process.Umask & 0x1FF, out var allowed, out var wrong))
            {
                mask = ~allowed & 0x1FF;
            }
            else
            {
                return await call.FailAsync(wrong);
            }

            process.Umask = mask;
            if (symbolic)
            {
                await call.Shell.WriteAsync(SymbolicMode.Format(~mask & 0x1FF) + "\n");
            }

            return 0;
        }

        var shown = symbolic ? SymbolicMode.Format(~process.Umask & 0x1FF) : Convert.ToString(process.Umask, 8).PadLeft(4, '0');
        await call.Shell.WriteAsync((command ? symbolic ? "umask -S " : "umask " : "") + shown + "\n");
        return 0;
    }
}

/// <summary>Modes such as u=rwx,g+r, of the nine permission bits.</summary>
internal static class SymbolicMode
{
    public static string Format(int mode) => $"u={Bits(mode >> 6)},g={Bits(mode >> 3)},o={Bits(mode)}";

    public static bool TryApply(string text, int mode, out int result, out string wrong)
    {
        result = mode;
        wrong = "";
        foreach (var clause in text.Split(','))
        {
            var at = 0;
            var who = 0;
            while (at < clause.Length && "ugoa".Contains(clause[at]))
            {
                who |= clause[at++] switch { 'u' => 0x1C0, 'g' => 0x38, 'o' => 7, _ => 0x1FF };
            }

            who = who == 0 ? 0x1FF : who;
            if (at >= clause.Length || !"+-=".Contains(clause[at]))
            {
                wrong = $"`{(at < clause.Length ? clause[at] : '\0')}': invalid symbolic mode operator";
                return false;
            }

            while (at < clause.Length && "+-=".Contains(clause[at]))
            {
                var operation = clause[at++];
                var bits = 0;
                while (at < clause.Length && !"+-=".Contains(clause[at]))
                {
                    switch (clause[at])
                    {
                        case 'r':
                            bits |= 0x124;
                            break;
                        case 'w':
                            bits |= 0x92;
                            break;
                        case 'x':
                            bits |= 0x49;
                            break;
                        default:
                            wrong = $"`{clause[at]}': invalid symbolic mode character";
                            return false;
                    }

                    at++;
                }

                bits &= who;
                result = operation switch { '+' => result | bits, '-' => result & ~bits, _ => (result & ~who) | bits };
            }
        }

        return true;
    }

    private static string Bits(int bits) => $"{((bits & 4) != 0 ? "r" : "")}{((bits & 2) != 0 ? "w" : "")}{((bits & 1) != 0 ? "x" : "")}";
}

/// <summary>times.</summary>
internal sealed class TimesBuiltin : Builtin
{
    public override string Name => "times";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var (own, children) = call.Shell.Process.ProcessorTime;
        await call.Shell.WriteAsync($"{TimeReport.Seconds(own, 3, true)} 0m0.000s\n{TimeReport.Seconds(children, 3, true)} 0m0.000s\n");
        return 0;
    }
}
