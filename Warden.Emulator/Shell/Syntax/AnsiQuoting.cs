using System.Text;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>The escapes of $'…', of echo -e and of printf.</summary>
internal static class AnsiQuoting
{
    /// <summary>Decodes the text between $' and '.</summary>
    public static string Decode(string text)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i++]);
                continue;
            }

            i++;
            if (text[i] == 'c' && i + 1 < text.Length)
            {
                result.Append((char)(char.ToUpperInvariant(text[i + 1]) == '?' ? 127 : text[i + 1] & 0x1F));
                i += 2;
            }
            else if (!TryEscape(text, ref i, result, octalNeedsZero: false))
            {
                result.Append('\\').Append(text[i++]);
            }
        }

        // A NUL ends the string, as the C string that it becomes would end.
        var end = result.ToString().IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? result.ToString() : result.ToString(0, end);
    }

    /// <summary>Decodes the escape whose letter is at <paramref name="at"/> (after the backslash); false when it is none.</summary>
    public static bool TryEscape(string text, ref int at, StringBuilder result, bool octalNeedsZero)
    {
        var c = text[at];
        switch (c)
        {
            case 'a':
                result.Append('\a');
                break;
            case 'b':
                result.Append('\b');
                break;
            case 'e' or 'E':
                result.Append('\x1B');
                break;
            case 'f':
                result.Append('\f');
                break;
            case 'n':
                result.Append('\n');
                break;
            case 'r':
                result.Append('\r');
                break;
            case 't':
                result.Append('\t');
                break;
            case 'v':
                result.Append('\v');
                break;
            case '\\':
                result.Append('\\');
                break;
            case '\'' or '"' or '?' when !octalNeedsZero:
                result.Append(c);
                break;
            case 'x':
                return Number(text, ref at, result, 16, 2);
            case 'u':
                return Number(text, ref at, result, 16, 4);
            case 'U':
                return Number(text, ref at, result, 16, 8);
            case '0' when octalNeedsZero:
                at++;
                Octal(text, ref at, result, 3);
                return true;
            case >= '0' and <= '7' when !octalNeedsZero:
                Octal(text, ref at, result, 3);
                return true;
            default:
                return false;
        }

        at++;
        return true;
    }

    private static void Octal(string text, ref int at, StringBuilder result, int most)
    {
        var value = 0;
        for (var n = 0; n < most && at < text.Length && text[at] is >= '0' and <= '7'; n++)
        {
            value = (value * 8) + (text[at++] - '0');
        }

        result.Append((char)(value & 0xFF));
    }

    private static bool Number(string text, ref int at, StringBuilder result, uint radix, int most)
    {
        var i = at + 1;
        var value = 0u;
        var digits = 0;
        for (; digits < most && i < text.Length && char.IsAsciiHexDigit(text[i]); digits++, i++)
        {
            value = (value * radix) + (uint)Convert.ToInt32(text[i].ToString(), 16);
        }

        if (digits == 0)
        {
            return false;
        }

        if (text[at] == 'x')
        {
            result.Append((char)value);
        }
        else
        {
            result.Append(Rune.TryCreate(value, out var rune) ? ByteText.FromHost(rune.ToString()) : "?");
        }

        at = i;
        return true;
    }
}
