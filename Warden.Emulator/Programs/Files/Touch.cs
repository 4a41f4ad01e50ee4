using System.Globalization;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Touch() : GnuProgram("touch")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("acd:fhmr:t:", "no-create c", "date= d", "no-dereference h", "reference= r", "time=");
        if (o.Operands.Count == 0)
        {
            throw c.Usage("missing file operand");
        }
        var now = c.Process.Clock.GetUtcNow();
        DateTimeOffset accessed = now, modified = now;
        if (o.Last("r") is { } reference)
        {
            try
            {
                var status = c.Process.Stat(reference);
                (accessed, modified) = (status.Accessed, status.Modified);
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"failed to get attributes of {Quote.Always(reference)}: {failure.Message}");
            }
        }
        if (o.Last("d") is { } date)
        {
            accessed = modified = DateParser.Parse(date, now) ?? throw c.Die($"invalid date format {Quote.Locale(date)}");
        }
        if (o.Last("t") is { } stamp)
        {
            accessed = modified = Stamp(stamp, now) ?? throw c.Die($"invalid date format {Quote.Locale(stamp)}");
        }
        var both = o.Has("a") == o.Has("m");
        foreach (var path in o.Operands)
        {
            try
            {
                await ApplyAsync(c, o, path, both || o.Has("a") ? accessed : null, both || o.Has("m") ? modified : null);
            }
            catch (ErrnoException failure)
            {
                var exists = FilePath.TryStat(c.Process, path) is not null;
                c.Fail($"{(exists && failure.Errno is not Errno.EACCES ? "setting times of" : "cannot touch")} {Quote.Always(path)}: {failure.Message}");
            }
        }
        return c.Status;
    }

    private static async ValueTask ApplyAsync(Invocation c, OptionSet o, string path, DateTimeOffset? accessed, DateTimeOffset? modified)
    {
        var exists = o.Has("h") ? FilePath.TryLinkStat(c.Process, path) is not null : FilePath.TryStat(c.Process, path) is not null;
        if (!exists)
        {
            if (o.Has("c") || o.Has("h"))
            {
                return;
            }
            c.Process.Close(await c.Process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create));
        }
        else if (c.Process.UserId != 0 && c.Process.Stat(path).UserId != c.Process.UserId && !c.Process.CanAccess(path, write: true))
        {
            throw new ErrnoException(Errno.EACCES);
        }
        c.Process.SetTimes(path, accessed, modified, followLinks: !o.Has("h"));
    }

    // [[CC]YY]MMDDhhmm[.ss]
    private static DateTimeOffset? Stamp(string text, DateTimeOffset now)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var seconds = dot < 0 ? "00" : text[(dot + 1)..];
        var digits = dot < 0 ? text : text[..dot];
        digits = digits.Length switch
        {
            8 => now.Year.ToString("0000", CultureInfo.InvariantCulture) + digits,
            10 => (digits[0] < '7' && digits[0] != '6' || digits[0] == '6' && digits[1] < '9' ? "20" : "19") + digits,
            _ => digits,
        };
        return DateTimeOffset.TryParseExact(
            digits + seconds, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
    }
}
