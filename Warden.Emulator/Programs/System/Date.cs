using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Date() : GnuProgram("date")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "d:f:I::r:Rs:u", "date= d", "file= f", "iso-8601? I", "reference= r", "rfc-2822 R", "rfc-email R", "rfc-3339=", "set= s", "utc u", "universal u", "debug");
        var now = c.Process.Clock.GetUtcNow();
        if (o.Operands.Count > 1)
        {
            throw c.ExtraOperand(o.Operands[1]);
        }
        string? format = null;
        if (o.Operands.Count == 1)
        {
            if (!o.Operands[0].StartsWith('+'))
            {
                throw o.Operands[0].All(char.IsAsciiDigit) ? SetTime(c) : c.Die($"invalid date {Quote.Always(o.Operands[0])}");
            }
            format = o.Operands[0][1..];
        }
        format ??= o.LastOf("I", "R", "rfc-3339") switch
        {
            "R" => "%a, %d %b %Y %H:%M:%S %z",
            "I" => Iso(c, o.Last("I")!, "T"),
            "rfc-3339" => Iso(c, o.Last("rfc-3339")!, " "),
            _ => "%a %b %e %H:%M:%S %Z %Y",
        };
        if (o.Has("s"))
        {
            throw SetTime(c);
        }
        if (o.Last("f") is { } file)
        {
            foreach (var line in (await c.ReadAllAsync(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Show(c, line, now, format);
            }
            return c.Status;
        }
        if (o.Last("d") is { } text)
        {
            Show(c, text, now, format);
            return c.Status;
        }
        if (o.Last("r") is { } reference)
        {
            try
            {
                now = c.Process.Stat(reference).Modified.ToUniversalTime();
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"{Quote.Maybe(reference)}: {failure.Message}");
            }
        }
        c.WriteLine(DateFormat.Format(now, format));
        return 0;
    }

    private static void Show(Invocation c, string text, DateTimeOffset now, string format)
    {
        if (DateParser.Parse(text, now) is { } time)
        {
            c.WriteLine(DateFormat.Format(time, format));
        }
        else
        {
            c.Fail($"invalid date {Quote.Always(text)}");
        }
    }

    private static ProgramExit SetTime(Invocation c) => c.Die("cannot set date: " + ErrnoException.Describe(Errno.EPERM));

    private static string Iso(Invocation c, string precision, string separator) => precision switch
    {
        "" or "date" => "%Y-%m-%d",
        "hours" => $"%Y-%m-%d{separator}%H%:z",
        "minutes" => $"%Y-%m-%d{separator}%H:%M%:z",
        "seconds" => $"%Y-%m-%d{separator}%H:%M:%S%:z",
        "ns" => $"%Y-%m-%d{separator}%H:%M:%S{(separator == "T" ? "," : ".")}%N%:z",
        _ => throw c.Usage($"invalid argument {Quote.Always(precision)} for '--iso-8601'"),
    };
}
