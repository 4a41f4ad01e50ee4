using System.Text;

namespace Warden.Emulator.Programs;

/// <summary>Backslash escapes as echo -e and printf have them.</summary>
internal static class Escapes
{
    /// <summary>
    /// Appends what the escape at text[at] (just after its backslash) stands for and moves past it. Returns false for \c, which ends all output.
    /// With <paramref name="echo"/> octal numbers begin with a 0, as in echo -e and printf %b.
    /// </summary>
    public static bool Append(StringBuilder output, string text, ref int at, bool echo)
    {
        if (at >= text.Length)
        {
            output.Append('\\');
            return true;
        }
        var c = text[at++];
        switch (c)
        {
            case 'a': output.Append('\a'); break;
            case 'b': output.Append('\b'); break;
            case 'c': return false;
            case 'e': output.Append('\x1B'); break;
            case 'f': output.Append('\f'); break;
            case 'n': output.Append('\n'); break;
            case 'r': output.Append('\r'); break;
            case 't': output.Append('\t'); break;
            case 'v': output.Append('\v'); break;
            case '\\': output.Append('\\'); break;
            case '"' when !echo: output.Append('"'); break;
            case 'x':
                var hex = Digits(text, at, 2, 16);
                if (hex == 0)
                {
                    output.Append("\\x");
                }
                else
                {
                    output.Append((char)Convert.ToInt32(text.Substring(at, hex), 16));
                    at += hex;
                }
                break;
            case 'u' or 'U' when !echo:
                var length = Digits(text, at, c == 'u' ? 4 : 8, 16);
                var rune = length == 0 ? 0 : Convert.ToInt32(text.Substring(at, length), 16);
                output.Append(Rune.IsValid(rune) ? Machine.ByteText.FromHost(new Rune(rune).ToString()) : "\\" + c + text.Substring(at, length));
                at += length;
                break;
            case >= '0' and <= '7':
                var start = echo && c == '0' ? at : at - 1;
                var octal = Digits(text, start, 3, 8);
                if (octal == 0)
                {
                    output.Append('\0');
                }
                else
                {
                    output.Append((char)(Convert.ToInt32(text.Substring(start, octal), 8) & 0xFF));
                    at = start + octal;
                }
                break;
            default:
                output.Append('\\').Append(c);
                break;
        }
        return true;
    }

    private static int Digits(string text, int at, int most, int radix)
    {
        var count = 0;
        while (count < most && at + count < text.Length && (radix == 16 ? char.IsAsciiHexDigit(text[at + count]) : text[at + count] is >= '0' and <= '7'))
        {
            count++;
        }
        return count;
    }
}
