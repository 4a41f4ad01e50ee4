using System.Globalization;
using System.Text;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>printf.</summary>
internal sealed class PrintfBuiltin : Builtin
{
    public override string Name => "printf";

    public override string Usage => "printf [-v var] format [arguments]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "v:");
        string? variable = null;
        while (scanner.TryNext(out _))
        {
            variable = scanner.Argument;
        }

        if (scanner.Index >= call.Arguments.Count)
        {
            throw new BuiltinUsageException("");
        }

        if (variable is not null && !Names.IsName(DeclarationArgument.Parse(variable).Name))
        {
            return await call.FailAsync($"`{variable}': not a valid identifier", 2);
        }

        var format = new PrintfFormat(call.Shell, call.Arguments[scanner.Index], [.. call.Arguments.Skip(scanner.Index + 1)]);
        var status = await format.RunAsync();
        foreach (var error in format.Errors)
        {
            await call.FailAsync(error);
        }

        if (variable is null)
        {
            await call.Shell.WriteAsync(format.Output);
        }
        else if (DeclarationArgument.Parse(variable) is { Subscript: { } subscript } element)
        {
            call.Shell.Variables.SetElement(element.Name, subscript, format.Output);
        }
        else
        {
            call.Shell.SetVariable(variable, format.Output);
        }

        return status;
    }
}

/// <summary>A format of printf with its arguments.</summary>
internal sealed class PrintfFormat(Interpreter shell, string format, IReadOnlyList<string> arguments)
{
    private readonly StringBuilder _output = new();
    private int _next;
    private bool _stopped;
    private int _status;

    public string Output => _output.ToString();

    public List<string> Errors { get; } = [];

    public async ValueTask<int> RunAsync()
    {
        do
        {
            var before = _next;
            Once();
            if (_next == before)
            {
                break;
            }

            await shell.Process.CheckpointAsync();
        }
        while (_next < arguments.Count && !_stopped);
        return _status;
    }

    private void Once()
    {
        for (var i = 0; i < format.Length && !_stopped;)
        {
            var c = format[i];
            if (c == '\\' && i + 1 < format.Length)
            {
                i++;
                if (format[i] == 'c')
                {
                    _stopped = true;
                    return;
                }

                if (!AnsiQuoting.TryEscape(format, ref i, _output, octalNeedsZero: false))
                {
                    _output.Append('\\').Append(format[i++]);
                }
            }
            else if (c != '%')
            {
                _output.Append(c);
                i++;
            }
            else
            {
                i = Directive(i + 1);
            }
        }
    }

    private string? Take() => _next < arguments.Count ? arguments[_next++] : null;

    private int Directive(int i)
    {
        var flags = "";
        var start = i;
        while (i < format.Length && "-+ #0'".Contains(format[i]))
        {
            flags += format[i++];
        }

        var width = Number(ref i, out _);
        if (width < 0)
        {
            flags += '-';
            width = -width;
        }

        int? precision = null;
        if (i < format.Length && format[i] == '.')
        {
            i++;
            var value = Number(ref i, out _);
            precision = value < 0 ? null : value;
        }

        if (i < format.Length && format[i] == '(')
        {
            var end = format.IndexOf(")T", i, StringComparison.Ordinal);
            if (end > 0)
            {
                Pad(Time(format[(i + 1)..end]), flags, width);
                return end + 2;
            }
        }

        while (i < format.Length && "hlLjzt".Contains(format[i]))
        {
            i++;
        }

        if (i >= format.Length)
        {
            Errors.Add($"`{format[(start - 1)..]}': missing format character");
            Stop();
            return i;
        }

        Convert(format[i], flags, width, precision);
        return i + 1;
    }

    private void Stop()
    {
        _status = 1;
        _stopped = true;
    }

    private int Number(ref int i, out bool present)
    {
        present = false;
        if (i < format.Length && format[i] == '*')
        {
            i++;
            present = true;
            return (int)Math.Clamp(Integer(Take()), -100_000_000, 100_000_000);
        }

        var value = 0;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
        {
            present = true;
            value = Math.Min((value * 10) + (format[i++] - '0'), 100_000_000);
        }

        return value;
    }

    private void Convert(char kind, string flags, int width, int? precision)
    {
        switch (kind)
        {
            case '%':
                _output.Append('%');
                break;
            case 'c':
                Pad(Take() is { Length: > 0 } character ? character[..1] : "", flags, width);
                break;
            case 's':
                Pad(Limit(Take() ?? "", precision), flags, width);
                break;
            case 'b':
                var text = new StringBuilder();
                _stopped = !EchoBuiltin.TryAppendEscaped(text, Take() ?? "", octalWithoutZero: true);
                Pad(Limit(text.ToString(), precision), flags, width);
                break;
            case 'q':
                Pad(Limit(Quoting.Backslash(Take() ?? ""), precision), flags, width);
                break;
            case 'Q':
                Pad(Quoting.Backslash(Limit(Take() ?? "", precision)), flags, width);
                break;
            case 'n':
                if (Take() is { Length: > 0 } name)
                {
                    shell.SetVariable(name, _output.Length.ToString());
                }

                break;
            case 'd' or 'i':
                Signed(Integer(Take()), flags, width, precision);
                break;
            case 'u':
                Digits(((ulong)Integer(Take())).ToString(), "", flags, width, precision);
                break;
            case 'o':
                var octal = System.Convert.ToString(Integer(Take()), 8);
                Digits(flags.Contains('#') && octal != "0" ? "0" + octal : octal, "", flags, width, precision);
                break;
            case 'x' or 'X':
                var value = Integer(Take());
                var digits = value.ToString(kind == 'x' ? "x" : "X");
                Digits(digits, flags.Contains('#') && value != 0 ? "0" + kind : "", flags, width, precision);
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'a' or 'A':
                Real(kind, flags, width, precision);
                break;
            default:
                Errors.Add($"`{kind}': invalid format character");
                Stop();
                break;
        }
    }

    private static string Limit(string text, int? precision) => precision < text.Length ? text[..precision.Value] : text;

    private void Pad(string text, string flags, int width) =>
        _output.Append(flags.Contains('-') ? text.PadRight(width) : text.PadLeft(width));

    private void Signed(long value, string flags, int width, int? precision)
    {
        var sign = value < 0 ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
        var digits = value < 0 ? value.ToString(CultureInfo.InvariantCulture)[1..] : value.ToString(CultureInfo.InvariantCulture);
        Digits(digits, sign, flags, width, precision);
    }

    private void Digits(string digits, string prefix, string flags, int width, int? precision)
    {
        if (precision is { } least)
        {
            digits = least == 0 && digits == "0" ? "" : digits.PadLeft(least, '0');
        }
        else if (flags.Contains('0') && !flags.Contains('-'))
        {
            digits = digits.PadLeft(Math.Max(0, width - prefix.Length), '0');
        }

        Pad(prefix + digits, flags, width);
    }

    private long Integer(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            if (text is not null)
            {
                Invalid(text);
            }

            return 0;
        }

        if (text[0] is '"' or '\'')
        {
            return text.Length > 1 ? text[1] : 0;
        }

        var trimmed = text.TrimStart();
        var negative = trimmed.StartsWith('-');
        var digits = trimmed.TrimStart('-', '+');
        var radix = 10;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.Length > 1 && digits[0] == '0')
        {
            radix = 8;
        }

        var value = System.Numerics.BigInteger.Zero;
        var used = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? System.Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                break;
            }

            value = (value * radix) + digit;
            used++;
        }

        if (used < digits.Length || digits.Length == 0)
        {
            Invalid(text);
        }

        value = negative ? -value : value;
        if (value > ulong.MaxValue || value < long.MinValue)
        {
            Errors.Add($"warning: {text}: Numerical result out of range");
            return negative ? long.MinValue : long.MaxValue;
        }

        return value > long.MaxValue ? unchecked((long)(ulong)value) : (long)value;
    }

    private void Invalid(string text)
    {
        Errors.Add($"{text}: invalid number");
        _status = 1;
    }

    private void Real(char kind, string flags, int width, int? precision)
    {
        var text = Take();
        var value = 0.0;
        if (!string.IsNullOrEmpty(text))
        {
            if (text[0] is '"' or '\'')
            {
                value = text.Length > 1 ? text[1] : 0;
            }
            else if (!RealNumber.TryParse(text, out value))
            {
                Invalid(text);
            }
        }

        var sign = double.IsNegative(value) ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
        var digits = RealNumber.Format(Math.Abs(value), kind, precision ?? 6, flags.Contains('#'));
        if (flags.Contains('0') && !flags.Contains('-') && double.IsFinite(value))
        {
            digits = digits.PadLeft(Math.Max(0, width - sign.Length), '0');
        }

        Pad(sign + digits, flags, width);
    }

    private string Time(string pattern)
    {
        var argument = Take();
        var seconds = argument is null ? -1 : Integer(argument);
        var time = seconds switch
        {
            -1 => shell.Process.Clock.GetUtcNow(),
            -2 => shell.Started,
            _ => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62135596800, 253402300799)),
        };
        return TimeFormat.Format(pattern.Length == 0 ? "%X" : pattern, time);
    }
}
