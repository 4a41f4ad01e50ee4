using System.Globalization;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Yes() : GnuProgram("yes")
{
    private const int BlockSize = 64 * 1024;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+");
        var line = ByteText.ToBytes((o.Operands.Count == 0 ? "y" : string.Join(' ', o.Operands)) + "\n");
        var block = new byte[Math.Max(1, BlockSize / line.Length) * line.Length];
        for (var at = 0; at < block.Length; at += line.Length)
        {
            line.CopyTo(block.AsSpan(at));
        }
        while (true)
        {
            try
            {
                await c.Process.WriteAsync(1, block);
            }
            catch (ErrnoException failure)
            {
                throw c.Die("standard output: " + failure.Message);
            }
            await c.Process.CheckpointAsync();
        }
    }
}

internal sealed class Seq() : GnuProgram("seq")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        // Negative numbers are operands, not options.
        var first = 0;
        while (first < arguments.Count && arguments[first] is { Length: > 1 } a && a[0] == '-' && !(char.IsAsciiDigit(a[1]) || a[1] == '.'))
        {
            first += a is "-s" or "-f" or "--separator" or "--format" ? 2 : 1;
        }
        if (first < arguments.Count && !arguments.Take(first).Contains("--"))
        {
            arguments.Insert(first, "--");
        }
        var o = OptionSet.Parse(c, arguments, "+f:s:w", ["format= f", "separator= s", "equal-width w"]);
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        if (o.Operands.Count > 3)
        {
            throw c.ExtraOperand(o.Operands[3]);
        }
        var numbers = o.Operands.ConvertAll(t => Parse(c, t));
        var (start, step, last) = numbers.Count switch
        {
            1 => (1m, 1m, numbers[0]),
            2 => (numbers[0], 1m, numbers[1]),
            _ => (numbers[0], numbers[1], numbers[2]),
        };
        if (step == 0)
        {
            throw c.Usage($"invalid Zero increment value: {Quote.Always(o.Operands[1])}");
        }
        var texts = numbers.Count == 1 ? [] : o.Operands[..^1];
        var precision = texts.Count == 0 ? 0 : texts.Max(Decimals);
        var show = Formatter(c, o, start, step, last, precision);
        var separator = o.Last("s") ?? "\n";
        var any = false;
        for (var value = start; step > 0 ? value <= last : value >= last; value += step)
        {
            if (any)
            {
                c.Write(separator);
            }
            c.Write(show(value));
            any = true;
            await c.DrainAsync();
        }
        if (any)
        {
            c.Write('\n');
        }
        return 0;
    }

    private static Func<decimal, string> Formatter(Invocation c, OptionSet o, decimal first, decimal step, decimal last, int precision)
    {
        if (o.Last("f") is { } format)
        {
            var percent = format.Replace("%%", "\0\0", StringComparison.Ordinal).IndexOf('%', StringComparison.Ordinal);
            if (percent < 0)
            {
                throw c.Die($"format {Quote.Always(format)} has no % directive");
            }
            var end = percent + 1;
            var spec = PrintfSpec.Parse(format, ref end, () => 0);
            if (!"aeEfFgG".Contains(spec.Letter, StringComparison.Ordinal) || spec.Letter == '\0')
            {
                throw c.Die($"format {Quote.Always(format)} has unknown %{spec.Letter} directive");
            }
            var (before, after) = (format[..percent].Replace("%%", "%", StringComparison.Ordinal), format[end..].Replace("%%", "%", StringComparison.Ordinal));
            return value => before + spec.Real((double)value) + after;
        }
        var shape = precision == 0 ? "0" : "0." + new string('0', precision);
        if (!o.Has("w"))
        {
            return value => value.ToString(shape, CultureInfo.InvariantCulture);
        }
        var count = Math.Floor((last - first) / step);
        var width = Math.Max(first.ToString(shape, CultureInfo.InvariantCulture).Length, (first + (count * step)).ToString(shape, CultureInfo.InvariantCulture).Length);
        return value =>
        {
            var text = value.ToString(shape, CultureInfo.InvariantCulture);
            return text.StartsWith('-') ? "-" + text[1..].PadLeft(width - 1, '0') : text.PadLeft(width, '0');
        };
    }

    private static int Decimals(string text) => text.IndexOf('.', StringComparison.Ordinal) is var at && at < 0 ? 0 : text.Length - at - 1;

    private static decimal Parse(Invocation c, string text)
    {
        var (value, length) = Numbers.ParseReal(text);
        if (length == 0 || length != text.Length || double.IsNaN(value))
        {
            throw c.Usage($"invalid floating point argument: {Quote.Always(text)}");
        }
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : value > 0 ? decimal.MaxValue / 2 : decimal.MinValue / 2;
    }
}
