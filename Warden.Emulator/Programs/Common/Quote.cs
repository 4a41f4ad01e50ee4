using System.Text;

namespace Warden.Emulator.Programs;

/// <summary>Names in messages, quoted so that a shell reads them back (the quoting styles of GNU).</summary>
internal static class Quote
{
    /// <summary>In single quotes, always: 'name'.</summary>
    public static string Always(string name) => Shell(name, always: true);

    /// <summary>In quotes when a shell would not take the name as it is, or it holds a colon.</summary>
    public static string Maybe(string name) => Shell(name, always: false);

    /// <summary>As locale style has it in the C locale: 'name' with backslash escapes.</summary>
    public static string Locale(string name)
    {
        var text = new StringBuilder("'");
        foreach (var c in name)
        {
            _ = c switch
            {
                '\'' => text.Append("\\'"),
                '\\' => text.Append("\\\\"),
                >= ' ' and < '\x7F' => text.Append(c),
                _ => text.Append(Escape(c)),
            };
        }
        return text.Append('\'').ToString();
    }

    /// <summary>The backslash escape of a byte that is not printable.</summary>
    public static string Escape(char c) => c switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\v' => "\\v",
        '\f' => "\\f",
        '\r' => "\\r",
        _ => "\\" + Convert.ToString(c, 8).PadLeft(3, '0'),
    };

    private static string Shell(string name, bool always)
    {
        var special = name.Length == 0;
        var unprintable = false;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            unprintable |= c is < ' ' or >= '\x7F';
            special |= c is ' ' or '!' or '"' or '$' or '&' or '\'' or '(' or ')' or '*' or ';' or '<' or '=' or '>' or '?' or '[' or '\\' or '^' or '`' or '|' or ':'
                || (c is '#' or '~' && i == 0) || (c is '{' or '}' && name.Length == 1);
        }
        if (!always && !special && !unprintable)
        {
            return name;
        }
        if (!unprintable)
        {
            return name.Contains('\'', StringComparison.Ordinal)
                ? name.Contains('"', StringComparison.Ordinal) || name.AsSpan().IndexOfAny("$`\\!") >= 0
                    ? "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'"
                    : "\"" + name + "\""
                : "'" + name + "'";
        }
        return Escaped(name);
    }

    // Runs of unprintable bytes stand in $'…' between pieces in plain quotes.
    private static string Escaped(string name)
    {
        var text = new StringBuilder("'");
        var inEscape = false;
        foreach (var c in name)
        {
            var escape = c is < ' ' or >= '\x7F';
            if (escape != inEscape)
            {
                text.Append(escape ? "'$'" : "''");
                inEscape = escape;
            }
            _ = c == '\'' ? text.Append(inEscape ? "\\'" : "'\\''") : escape ? text.Append(Escape(c)) : text.Append(c);
        }
        return text.Append('\'').ToString();
    }
}
