using System.Text;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>Text quoted so that the shell reads it back.</summary>
internal static class Quoting
{
    private const string Special = " \t\n'\"\\|&;()<>!{}*[]?^$`";

    /// <summary>'text', as declare -p of traps and ${x@Q} write it.</summary>
    public static string Single(string text)
    {
        if (NeedsAnsi(text))
        {
            return Ansi(text);
        }

        return SingleAlways(text);
    }

    public static string SingleAlways(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>As xtrace and set write it: only where it must be quoted.</summary>
    public static string WhereNeeded(string text)
    {
        if (text.Length == 0)
        {
            return "''";
        }

        if (NeedsAnsi(text))
        {
            return Ansi(text);
        }

        if (text[0] is '~' or '#' || text.AsSpan().IndexOfAny(Special) >= 0)
        {
            return text == "'" ? "\\'" : SingleAlways(text);
        }

        return text;
    }

    /// <summary>As xtrace writes it: blanks and newlines stay as they are between quotes; an empty text is nothing.</summary>
    public static string Traced(string text)
    {
        if (text.Length > 0 && text != "'" && text.AsSpan().IndexOfAny(Special) >= 0)
        {
            return SingleAlways(text);
        }

        return text.Length == 0 ? "" : WhereNeeded(text);
    }

    /// <summary>With backslashes, as %q writes it.</summary>
    public static string Backslash(string text)
    {
        if (text.Length == 0)
        {
            return "''";
        }

        if (NeedsAnsi(text))
        {
            return Ansi(text);
        }

        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (Special.Contains(c) || c == ',' || (i == 0 && c is '#' or '~'))
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>"text", as declare -p writes values.</summary>
    public static string Double(string text)
    {
        if (NeedsAnsi(text))
        {
            return Ansi(text);
        }

        var result = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\' or '$' or '`')
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.Append('"').ToString();
    }

    /// <summary>$'text'.</summary>
    public static string Ansi(string text)
    {
        var result = new StringBuilder("$'");
        foreach (var c in text)
        {
            switch (c)
            {
                case '\a':
                    result.Append("\\a");
                    break;
                case '\b':
                    result.Append("\\b");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case '\n':
                    result.Append("\\n");
                    break;
                case '\v':
                    result.Append("\\v");
                    break;
                case '\f':
                    result.Append("\\f");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\x1B':
                    result.Append("\\E");
                    break;
                case '\\' or '\'':
                    result.Append('\\').Append(c);
                    break;
                case < ' ' or > '~':
                    result.Append('\\').Append(Convert.ToString(c, 8).PadLeft(3, '0'));
                    break;
                default:
                    result.Append(c);
                    break;
            }
        }

        return result.Append('\'').ToString();
    }

    private static bool NeedsAnsi(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or > '~')
            {
                return true;
            }
        }

        return false;
    }
}
