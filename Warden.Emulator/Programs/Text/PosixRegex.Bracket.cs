using System.Text;

namespace Warden.Emulator.Programs.Text;

/// <summary>Bracket expressions: [abc], [^a-z], [[:digit:]], [[.x.]], [[=x=]].</summary>
internal sealed partial class PosixRegex
{
    private const string UnmatchedBracket = "Unmatched [, [^, [:, [., or [=";

    /// <summary>The members of a character class of the C locale as the inside of a .NET class; null when it is none.</summary>
    public static string? ClassMembers(string name) => name switch
    {
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "alnum" => "A-Za-z0-9",
        "upper" => "A-Z",
        "lower" => "a-z",
        "space" => " \\t\\n\\v\\f\\r",
        "blank" => " \\t",
        "punct" => "!-/:-@\\[-`{-~",
        "print" => " -~",
        "graph" => "!-~",
        "cntrl" => "\\x00-\\x1F\\x7F",
        "xdigit" => "0-9A-Fa-f",
        "word" => WordClass,
        _ => null,
    };

    private void Bracket()
    {
        var negated = _at < _pattern.Length && _pattern[_at] == '^';
        if (negated)
        {
            _at++;
        }

        var members = new StringBuilder();
        var first = true;
        while (true)
        {
            if (_at >= _pattern.Length)
            {
                throw new PosixRegexException(UnmatchedBracket);
            }

            if (_pattern[_at] == ']' && !first)
            {
                _at++;
                break;
            }

            first = false;
            Member(members);
        }

        Atom((negated ? "[^" : "[") + members + "]");
    }

    private void Member(StringBuilder members)
    {
        if (_pattern[_at] == '[' && _at + 1 < _pattern.Length && _pattern[_at + 1] == ':')
        {
            members.Append(ClassMembers(Delimited(':')) ?? throw new PosixRegexException("Invalid character class name"));
            return;
        }

        var low = Element();
        if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
        {
            _at++;
            var high = Element();
            if (high < low)
            {
                throw new PosixRegexException("Invalid range end");
            }

            AppendCode(members, low);
            members.Append('-');
            AppendCode(members, high);
            return;
        }

        AppendCode(members, low);
    }

    private char Element()
    {
        if (_at >= _pattern.Length)
        {
            throw new PosixRegexException(UnmatchedBracket);
        }

        if (_pattern[_at] == '[' && _at + 1 < _pattern.Length && _pattern[_at + 1] is '.' or '=')
        {
            var name = Delimited(_pattern[_at + 1]);
            return name.Length == 1 ? name[0] : throw new PosixRegexException("Invalid collation character");
        }

        return _pattern[_at++];
    }

    private string Delimited(char kind)
    {
        var end = _pattern.IndexOf(kind + "]", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new PosixRegexException(UnmatchedBracket);
        }

        var name = _pattern[(_at + 2)..end];
        _at = end + 2;
        return name;
    }

    // By number, because a class has its own special characters in .NET.
    private static void AppendCode(StringBuilder members, char c)
    {
        if (char.IsAsciiLetterOrDigit(c))
        {
            members.Append(c);
            return;
        }

        members.Append("\\x").Append(((int)c).ToString("X2"));
    }
}
