using System.Text;
using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

internal sealed partial class AwkMachine
{
    private Random _random = new(0);
    private double _seed;

    private async ValueTask<AwkValue> BuiltInAsync(AwkCall call)
    {
        var nodes = call.Arguments;
        switch (call.Name)
        {
            case "length" when nodes.Count == 1 && nodes[0] is AwkVariable variable && Cell(variable).IsArray:
                return AwkValue.Of((double)Array(variable).Count);
            case "split":
                return await SplitAsync(nodes);
            case "sub" or "gsub":
                return await SubstituteAsync(nodes, call.Name == "gsub");
            case "match":
                return await MatchAsync(nodes);
        }
        var values = new List<AwkValue>();
        foreach (var node in nodes)
        {
            values.Add(await EvaluateAsync(node));
        }
        string Text(int i) => i < values.Count ? values[i].Text(ConversionFormat) : "";
        double Number(int i) => i < values.Count ? values[i].Number : 0;
        switch (call.Name)
        {
            case "length":
                return AwkValue.Of((double)(nodes.Count == 0 ? Field(0).Text(ConversionFormat) : Text(0)).Length);
            case "substr":
                return AwkValue.Of(Substring(Text(0), Number(1), values.Count > 2 ? Number(2) : double.PositiveInfinity));
            case "index":
                return AwkValue.Of((double)Text(0).IndexOf(Text(1), StringComparison.Ordinal) + 1);
            case "sprintf":
                return AwkValue.Of(AwkFormat.Run(Text(0), values.Count > 1 ? values[1..] : [], ConversionFormat));
            case "tolower":
                return AwkValue.Of(Text(0).ToLowerInvariant());
            case "toupper":
                return AwkValue.Of(Text(0).ToUpperInvariant());
            case "sin": return AwkValue.Of(Math.Sin(Number(0)));
            case "cos": return AwkValue.Of(Math.Cos(Number(0)));
            case "atan2": return AwkValue.Of(Math.Atan2(Number(0), Number(1)));
            case "exp": return AwkValue.Of(Math.Exp(Number(0)));
            case "log": return AwkValue.Of(Math.Log(Number(0)));
            case "sqrt": return AwkValue.Of(Math.Sqrt(Number(0)));
            case "int": return AwkValue.Of(Math.Truncate(Number(0)));
            case "rand": return AwkValue.Of(_random.NextDouble());
            case "srand":
                var old = _seed;
                _seed = values.Count > 0 ? Number(0) : _c.Process.Clock.GetUtcNow().ToUnixTimeSeconds();
                _random = new Random((int)(long)_seed);
                return AwkValue.Of(old);
            case "systime":
                return AwkValue.Of((double)_c.Process.Clock.GetUtcNow().ToUnixTimeSeconds());
            case "strftime":
                var time = values.Count > 1 ? DateTimeOffset.UnixEpoch.AddSeconds(Number(1)) : _c.Process.Clock.GetUtcNow();
                return AwkValue.Of(DateFormat.Format(time, values.Count > 0 ? Text(0) : "%c"));
            case "mktime":
                var parts = Text(0).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.TryParse(p, out var n) ? n : -1).ToArray();
                return AwkValue.Of(parts.Length < 6 || parts.Contains(-1) ? -1
                    : new DateTimeOffset(parts[0], 1, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(parts[1] - 1).AddDays(parts[2] - 1)
                        .AddSeconds((parts[3] * 3600L) + (parts[4] * 60L) + parts[5]).ToUnixTimeSeconds());
            case "close":
                return AwkValue.Of(await _streams.CloseAsync(Text(0)));
            case "fflush":
                await _streams.FlushAsync();
                return AwkValue.Of(0d);
            case "system":
                await _streams.FlushAsync();
                var status = await Execution.RunAsync(_c, ["sh", "-c", Text(0)]);
                return AwkValue.Of((double)(status.Signalled ? 256 + status.Code : status.Code));
            default:
                throw _c.Die($"function {call.Name} is not available", 2);
        }
    }

    private static string Substring(string text, double start, double length)
    {
        // Positions are rounded, and what lies outside of the text is cut off. A position before the text lengthens what is taken: so has
        // it the mawk of Debian 12.
        var first = Math.Round(start, MidpointRounding.ToEven);
        var count = Math.Round(length, MidpointRounding.ToEven);
        var end = first < 1 ? 1 + count - first : first + count;
        first = Math.Max(1, first);
        end = Math.Min(text.Length + 1d, end);
        return double.IsNaN(first) || end <= first ? "" : text[((int)first - 1)..((int)end - 1)];
    }

    private async ValueTask<AwkValue> SplitAsync(IReadOnlyList<AwkNode> nodes)
    {
        var text = (await EvaluateAsync(nodes[0])).Text(ConversionFormat);
        if (nodes.Count < 2 || nodes[1] is not AwkVariable variable)
        {
            throw _c.Die("split needs an array", 2);
        }
        IEnumerable<string> pieces;
        if (nodes.Count > 2 && nodes[2] is AwkRegex regex)
        {
            pieces = text.Length == 0 ? [] : AwkRecord.Cut(regex.Regex, text);
        }
        else
        {
            pieces = AwkRecord.Pieces(_c, text, nodes.Count > 2 ? (await EvaluateAsync(nodes[2])).Text(ConversionFormat) : _record.FieldSeparator);
        }
        var array = Array(variable);
        array.Clear();
        var count = 0;
        foreach (var piece in pieces)
        {
            Store(array, (++count).ToString(), AwkValue.FromInput(piece));
        }
        return AwkValue.Of((double)count);
    }

    private async ValueTask<AwkValue> MatchAsync(IReadOnlyList<AwkNode> nodes)
    {
        var text = (await EvaluateAsync(nodes[0])).Text(ConversionFormat);
        var match = (await RegexAsync(nodes[1])).Match(text);
        SetGlobal("RSTART", AwkValue.Of(match.Success ? match.Index + 1d : 0));
        SetGlobal("RLENGTH", AwkValue.Of(match.Success ? (double)match.Length : -1));
        return Global("RSTART").Value;
    }

    private async ValueTask<AwkValue> SubstituteAsync(IReadOnlyList<AwkNode> nodes, bool all)
    {
        var regex = await RegexAsync(nodes[0]);
        var replacement = (await EvaluateAsync(nodes[1])).Text(ConversionFormat);
        var target = nodes.Count > 2 ? nodes[2] : new AwkField(new AwkConstant(AwkValue.Of(0d)));
        var text = (await EvaluateAsync(target)).Text(ConversionFormat);
        var output = new StringBuilder();
        var at = 0;
        var count = 0;
        var lastEnd = -1;
        for (var match = regex.Match(text); match.Success; match = match.NextMatch())
        {
            // An empty match right behind a match is none.
            if (match.Length == 0 && match.Index == lastEnd)
            {
                continue;
            }
            output.Append(text, at, match.Index - at);
            Replace(output, replacement, match);
            at = lastEnd = match.Index + match.Length;
            count++;
            if (!all)
            {
                break;
            }
        }
        if (count > 0)
        {
            await StoreAsync(target, AwkValue.Of(output.Append(text, at, text.Length - at).ToString()));
        }
        return AwkValue.Of((double)count);
    }

    private static void Replace(StringBuilder output, string replacement, Match match)
    {
        for (var i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] == '\\' && i + 1 < replacement.Length && replacement[i + 1] is '&' or '\\')
            {
                output.Append(replacement[++i]);
            }
            else if (replacement[i] == '&')
            {
                output.Append(match.Value);
            }
            else
            {
                output.Append(replacement[i]);
            }
        }
    }
}

/// <summary>printf of awk.</summary>
internal static class AwkFormat
{
    public static string Run(string format, List<AwkValue> values, string conversion)
    {
        var text = new StringBuilder();
        var next = 0;
        AwkValue Take() => next < values.Count ? values[next++] : default;
        for (var at = 0; at < format.Length;)
        {
            if (format[at] != '%')
            {
                text.Append(format[at++]);
                continue;
            }
            if (at + 1 < format.Length && format[at + 1] == '%')
            {
                text.Append('%');
                at += 2;
                continue;
            }
            var start = at++;
            var spec = PrintfSpec.Parse(format, ref at, () => (int)Take().Number);
            switch (spec.Letter)
            {
                case 'd' or 'i' or 'o' or 'x' or 'X' or 'u':
                    var number = Take().Number;
                    text.Append(double.IsFinite(number) ? spec.Integer(new System.Numerics.BigInteger(Math.Truncate(number))) : spec.Pad(AwkValue.Format(number, conversion)));
                    break;
                case 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'a' or 'A':
                    text.Append(spec.Real(Take().Number));
                    break;
                case 'c':
                    var value = Take();
                    text.Append(spec.Pad(value.IsNumeric && !value.IsUnset ? ((char)((int)value.Number & 0xFF)).ToString() : value.Text(conversion) is { Length: > 0 } s ? s[..1] : ""));
                    break;
                case 's':
                    text.Append(spec.Text(Take().Text(conversion)));
                    break;
                default:
                    text.Append(format, start, at - start);
                    break;
            }
        }
        return text.ToString();
    }
}
