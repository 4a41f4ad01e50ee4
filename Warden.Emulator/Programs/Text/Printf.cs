using System.Globalization;
using System.Numerics;
using System.Text;

namespace Warden.Emulator.Programs;

internal sealed class Printf() : GnuProgram("printf")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        if (arguments.Count > 0 && arguments[0] == "--")
        {
            arguments.RemoveAt(0);
        }
        if (arguments.Count == 0)
        {
            throw c.MissingOperand();
        }
        new Formatter(c, arguments[0], arguments.Skip(1).ToList()).Run();
        return ValueTask.FromResult(c.Status);
    }

    private sealed class Formatter(Invocation c, string format, List<string> arguments)
    {
        private int _next;

        // The format is used again as long as it consumes arguments.
        public void Run()
        {
            do
            {
                var before = _next;
                if (!Once())
                {
                    return;
                }
                if (_next == before)
                {
                    if (_next < arguments.Count)
                    {
                        c.Warn($"warning: ignoring excess arguments, starting with {Quote.Locale(arguments[_next])}");
                    }
                    return;
                }
            }
            while (_next < arguments.Count);
        }

        private bool Once()
        {
            var text = new StringBuilder();
            for (var at = 0; at < format.Length;)
            {
                switch (format[at])
                {
                    case '\\':
                        at++;
                        if (!Escapes.Append(text, format, ref at, echo: false))
                        {
                            c.Write(text.ToString());
                            return false;
                        }
                        break;
                    case '%' when at + 1 < format.Length && format[at + 1] == '%':
                        text.Append('%');
                        at += 2;
                        break;
                    case '%':
                        var start = at++;
                        var spec = PrintfSpec.Parse(format, ref at, () => (int)ToInteger(Take()));
                        if (!Convert(text, spec, format[start..at]))
                        {
                            c.Write(text.ToString());
                            return false;
                        }
                        break;
                    default:
                        text.Append(format[at++]);
                        break;
                }
            }
            c.Write(text.ToString());
            return true;
        }

        private bool Convert(StringBuilder text, PrintfSpec spec, string source)
        {
            switch (spec.Letter)
            {
                case 's':
                    text.Append(spec.Text(Take()));
                    return true;
                case 'b':
                    var (expanded, goesOn) = Expand(Take());
                    text.Append(spec.Text(expanded));
                    return goesOn;
                case 'q':
                    text.Append(spec.Text(Quote.Maybe(Take())));
                    return true;
                case 'c':
                    var value = Take();
                    text.Append(spec.Pad(value.Length == 0 ? "" : value[..1]));
                    return true;
                case 'd' or 'i' or 'o' or 'u' or 'x' or 'X':
                    text.Append(spec.Integer(ToInteger(Take())));
                    return true;
                case 'e' or 'f' or 'g' or 'a' or 'E' or 'F' or 'G' or 'A':
                    text.Append(spec.Real(ToReal(Take())));
                    return true;
                default:
                    c.Write(text.ToString());
                    throw c.Die($"{source}: invalid conversion specification");
            }
        }

        private string Take() => _next < arguments.Count ? arguments[_next++] : "";

        private static (string Text, bool GoesOn) Expand(string value)
        {
            var text = new StringBuilder();
            for (var i = 0; i < value.Length;)
            {
                if (value[i] != '\\')
                {
                    text.Append(value[i++]);
                    continue;
                }
                i++;
                if (!Escapes.Append(text, value, ref i, echo: true))
                {
                    return (text.ToString(), false);
                }
            }
            return (text.ToString(), true);
        }

        private BigInteger ToInteger(string text)
        {
            if (text.Length == 0)
            {
                return 0;
            }
            if (text[0] is '"' or '\'')
            {
                return text.Length > 1 ? text[1] : 0;
            }
            var at = 0;
            while (at < text.Length && text[at] is ' ' or '\t' or '\n')
            {
                at++;
            }
            var negative = at < text.Length && text[at] == '-';
            at += at < text.Length && text[at] is '-' or '+' ? 1 : 0;
            var radix = 10;
            if (at + 1 < text.Length && text[at] == '0')
            {
                radix = text[at + 1] is 'x' or 'X' ? 16 : 8;
                at += radix == 16 ? 2 : 1;
            }
            var start = at;
            var value = BigInteger.Zero;
            for (; at < text.Length && Digit(text[at]) is var digit && digit < radix; at++)
            {
                value = (value * radix) + digit;
            }
            if (at == start && radix != 8)
            {
                c.Fail($"{Quote.Always(text)}: expected a numeric value");
                return 0;
            }
            if (at < text.Length)
            {
                c.Fail($"{Quote.Always(text)}: value not completely converted");
            }
            return negative ? -value : value;
        }

        private double ToReal(string text)
        {
            if (text.Length == 0)
            {
                return 0;
            }
            if (text[0] is '"' or '\'')
            {
                return text.Length > 1 ? text[1] : 0;
            }
            var (value, length) = Numbers.ParseReal(text);
            if (length == 0)
            {
                c.Fail($"{Quote.Always(text)}: expected a numeric value");
            }
            else if (length < text.Length)
            {
                c.Fail($"{Quote.Always(text)}: value not completely converted");
            }
            return value;
        }

        private static int Digit(char c) => char.IsAsciiHexDigit(c) ? int.Parse(c.ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 99;
    }
}
