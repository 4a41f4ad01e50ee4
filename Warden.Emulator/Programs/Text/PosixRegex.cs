using System.Text;
using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs.Text;

/// <summary>
/// POSIX basic and extended regular expressions with GNU's extensions (regex(7)), translated to .NET's. Patterns and subjects are byte
/// strings and classes are those of the C locale. The longest of several alternatives is only approximated: .NET takes the first one
/// that matches.
/// </summary>
internal sealed partial class PosixRegex
{
    private const string WordClass = "A-Za-z0-9_";
    private readonly string _pattern;
    private readonly bool _extended;
    private readonly bool _multiline;
    private readonly StringBuilder _out = new();
    private readonly Stack<(int Number, int Start)> _open = new();
    private readonly HashSet<int> _closed = [];
    private int _at;
    private int _groups;

    // Where the last atom starts in the output; -1 when there is nothing that a repetition could repeat.
    private int _atom = -1;
    private bool _repeated;

    private PosixRegex(string pattern, bool extended, bool multiline)
    {
        _pattern = pattern;
        _extended = extended;
        _multiline = multiline;
    }

    /// <summary>Compiles an expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="extended">Extended syntax (grep -E), else basic.</param>
    /// <param name="ignoreCase">Letters match in either case.</param>
    /// <param name="multiline">^ and $ match at every line (the M flag of sed), else only at both ends of the subject.</param>
    /// <exception cref="PosixRegexException">The expression is malformed.</exception>
    public static Regex Compile(string pattern, bool extended, bool ignoreCase, bool multiline = false)
    {
        var translated = Translate(pattern, extended, multiline);
        var options = RegexOptions.CultureInvariant | RegexOptions.Singleline;
        if (ignoreCase)
        {
            options |= RegexOptions.IgnoreCase;
        }

        try
        {
            return new Regex(translated, options);
        }
        catch (ArgumentException)
        {
            throw new PosixRegexException("Invalid regular expression");
        }
    }

    /// <summary>The .NET expression for a POSIX one.</summary>
    public static string Translate(string pattern, bool extended, bool multiline = false) =>
        new PosixRegex(pattern, extended, multiline).Run();

    private string Run()
    {
        while (_at < _pattern.Length)
        {
            Step();
        }

        if (_open.Count > 0)
        {
            throw new PosixRegexException(@"Unmatched ( or \(");
        }

        return _out.ToString();
    }

    private void Step()
    {
        var c = _pattern[_at++];
        switch (c)
        {
            case '\\':
                Escape();
                break;
            case '[':
                Bracket();
                break;
            case '.':
                Atom(".");
                break;
            case '*':
                Repeat("*", c);
                break;
            case '+' or '?' when _extended:
                Repeat(c.ToString(), c);
                break;
            case '{' when _extended:
                Interval();
                break;
            case '(' when _extended:
                Open();
                break;
            case ')' when _extended && _open.Count > 0:
                Close();
                break;
            case '|' when _extended:
                Alternative();
                break;
            case '^' when _extended || AtBranchStart():
                Anchor(_multiline ? "(?<=\\A|\\n)" : "\\A");
                break;
            case '$' when _extended || AtBranchEnd():
                Anchor(_multiline ? "(?=\\n|\\z)" : "\\z");
                break;
            default:
                Atom(Quote(c));
                break;
        }
    }

    private void Escape()
    {
        if (_at >= _pattern.Length)
        {
            throw new PosixRegexException("Trailing backslash");
        }

        var c = _pattern[_at++];
        switch (c)
        {
            case '(' when !_extended:
                Open();
                break;
            case ')' when !_extended:
                if (_open.Count == 0)
                {
                    throw new PosixRegexException(@"Unmatched ) or \)");
                }

                Close();
                break;
            case '{' when !_extended:
                Interval();
                break;
            case '|' when !_extended:
                Alternative();
                break;
            case '+' or '?' when !_extended:
                Repeat(c.ToString(), c);
                break;
            case >= '1' and <= '9':
                BackReference(c - '0');
                break;
            case 'w':
                Atom($"[{WordClass}]");
                break;
            case 'W':
                Atom($"[^{WordClass}]");
                break;
            case 's':
                Atom("[ \\t\\n\\v\\f\\r]");
                break;
            case 'S':
                Atom("[^ \\t\\n\\v\\f\\r]");
                break;
            case 'b':
                Anchor($"(?:(?<=[{WordClass}])(?![{WordClass}])|(?<![{WordClass}])(?=[{WordClass}]))");
                break;
            case 'B':
                Anchor($"(?:(?<=[{WordClass}])(?=[{WordClass}])|(?<![{WordClass}])(?![{WordClass}]))");
                break;
            case '<':
                Anchor($"(?<![{WordClass}])(?=[{WordClass}])");
                break;
            case '>':
                Anchor($"(?<=[{WordClass}])(?![{WordClass}])");
                break;
            case '`':
                Anchor("\\A");
                break;
            case '\'':
                Anchor("\\z");
                break;
            default:
                Atom(Quote(c));
                break;
        }
    }

    private void BackReference(int number)
    {
        if (!_closed.Contains(number))
        {
            throw new PosixRegexException("Invalid back reference");
        }

        Atom($"(?:\\{number})");
    }

    private void Open()
    {
        _open.Push((++_groups, _out.Length));
        _out.Append('(');
        _atom = -1;
        _repeated = false;
    }

    private void Close()
    {
        var (number, start) = _open.Pop();
        _closed.Add(number);
        _out.Append(')');
        _atom = start;
        _repeated = false;
    }

    private void Alternative()
    {
        _out.Append('|');
        _atom = -1;
        _repeated = false;
    }

    private void Anchor(string text)
    {
        _out.Append(text);
        _atom = -1;
        _repeated = false;
    }

    private void Atom(string text)
    {
        _atom = _out.Length;
        _repeated = false;
        _out.Append(text);
    }

    private void Repeat(string operation, char literal)
    {
        if (_atom < 0)
        {
            // A star with nothing before it is itself; after an extended group's start GNU's does the same.
            Atom(Quote(literal));
            return;
        }

        if (_repeated)
        {
            // A second repetition applies to the repeated atom, where .NET would make the first one lazy.
            _out.Insert(_atom, "(?:").Append(')');
        }

        _out.Append(operation);
        _repeated = true;
    }

    private void Interval()
    {
        var end = _pattern.IndexOf(_extended ? "}" : "\\}", _at, StringComparison.Ordinal);
        var body = end < 0 ? "" : _pattern[_at..end];
        var comma = body.IndexOf(',', StringComparison.Ordinal);
        var low = comma < 0 ? body : body[..comma];
        var high = comma < 0 ? null : body[(comma + 1)..];
        var valid = end >= 0 && IsNumber(low) && (high is null || IsNumber(high)) && (low.Length > 0 || high is not null);
        if (!valid)
        {
            if (_extended)
            {
                Atom("\\{");
                return;
            }

            throw new PosixRegexException(end < 0 ? "Unmatched \\{" : "Invalid content of \\{\\}");
        }

        if (_atom < 0)
        {
            if (_extended)
            {
                Atom("\\{");
                return;
            }

            throw new PosixRegexException("Invalid preceding regular expression");
        }

        var from = low.Length == 0 ? 0 : int.Parse(low);
        var to = high is null ? from : high.Length == 0 ? int.MaxValue : int.Parse(high);
        if (to < from)
        {
            throw new PosixRegexException("Invalid content of \\{\\}");
        }

        if (from > 32767 || (to > 32767 && to != int.MaxValue))
        {
            throw new PosixRegexException("Regular expression too big");
        }

        _at = end + (_extended ? 1 : 2);
        Repeat(high is null ? $"{{{from}}}" : to == int.MaxValue ? $"{{{from},}}" : $"{{{from},{to}}}", '{');
    }

    private static bool IsNumber(string text) => text.Length < 6 && text.All(char.IsAsciiDigit);

    private bool AtBranchStart() => _at == 1 || EndsWith(_at - 1, "\\(") || EndsWith(_at - 1, "\\|") || EndsWith(_at - 1, "\n");

    private bool EndsWith(int end, string text) =>
        end >= text.Length && string.CompareOrdinal(_pattern, end - text.Length, text, 0, text.Length) == 0;

    private bool AtBranchEnd() =>
        _at == _pattern.Length || string.CompareOrdinal(_pattern, _at, "\\)", 0, 2) == 0
        || string.CompareOrdinal(_pattern, _at, "\\|", 0, 2) == 0 || _pattern[_at] == '\n';

    private static string Quote(char c) => c switch
    {
        '\\' or '*' or '+' or '?' or '|' or '{' or '}' or '[' or ']' or '(' or ')' or '^' or '$' or '.' or '#' => "\\" + c,
        _ => c.ToString(),
    };
}
