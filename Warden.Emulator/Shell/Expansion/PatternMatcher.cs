namespace Warden.Emulator.Shell.Expansion;

/// <summary>Shell patterns (glob(7)) with bash's extended ones.</summary>
internal static class PatternMatcher
{
    /// <summary>Whether the whole text matches.</summary>
    public static bool IsMatch(string pattern, string text, bool extended, bool ignoreCase = false) =>
        IsMatch(pattern, text.AsSpan(), extended, ignoreCase);

    public static bool IsMatch(string pattern, ReadOnlySpan<char> text, bool extended, bool ignoreCase = false)
    {
        if (extended && HasExtended(pattern))
        {
            return MatchExtended(pattern, text, ignoreCase);
        }

        var p = 0;
        var t = 0;
        var star = -1;
        var resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = ++p;
                resume = t;
                continue;
            }

            if (p < pattern.Length && MatchOne(pattern, ref p, text[t], ignoreCase))
            {
                t++;
                continue;
            }

            if (star < 0)
            {
                return false;
            }

            // The last star takes one character more; earlier ones need not be tried again.
            p = star;
            t = ++resume;
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <summary>Whether the pattern has an unquoted special character.</summary>
    public static bool HasSpecial(string pattern, bool extended)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\')
            {
                i++;
            }
            else if (c is '*' or '?' || (c == '[' && pattern.IndexOf(']', i + 1) > 0)
                || (extended && c is '@' or '+' or '!' && i + 1 < pattern.Length && pattern[i + 1] == '('))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A pattern that matches exactly the text.</summary>
    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("*?[]\\@+!()|^-") < 0)
        {
            return text;
        }

        var result = new System.Text.StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if ("*?[]\\@+!()|^-".Contains(c))
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>The text of a pattern without its backslashes.</summary>
    public static string Unescape(string pattern)
    {
        if (!pattern.Contains('\\'))
        {
            return pattern;
        }

        var result = new System.Text.StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                i++;
            }

            result.Append(pattern[i]);
        }

        return result.ToString();
    }

    private static bool HasExtended(string pattern)
    {
        for (var i = 0; i + 1 < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
            {
                i++;
            }
            else if (pattern[i + 1] == '(' && pattern[i] is '?' or '*' or '+' or '@' or '!')
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchExtended(string pattern, ReadOnlySpan<char> text, bool ignoreCase)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var p = 0;
        var t = 0;
        while (p < pattern.Length)
        {
            var c = pattern[p];
            if (p + 1 < pattern.Length && pattern[p + 1] == '(' && c is '?' or '*' or '+' or '@' or '!'
                && Alternatives(pattern, p + 1, out var end) is { } alternatives)
            {
                return MatchGroup(c, alternatives, pattern[end..], text[t..], ignoreCase);
            }

            if (c == '*')
            {
                var rest = pattern[(p + 1)..];
                for (var k = t; k <= text.Length; k++)
                {
                    if (MatchExtended(rest, text[k..], ignoreCase))
                    {
                        return true;
                    }
                }

                return false;
            }

            if (t >= text.Length || !MatchOne(pattern, ref p, text[t], ignoreCase))
            {
                return false;
            }

            t++;
        }

        return t == text.Length;
    }

    private static bool MatchGroup(char kind, List<string> alternatives, string rest, ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (kind == '!')
        {
            for (var k = text.Length; k >= 0; k--)
            {
                if (!AnyMatches(alternatives, text[..k], ignoreCase) && MatchExtended(rest, text[k..], ignoreCase))
                {
                    return true;
                }
            }

            return false;
        }

        if (kind is '?' or '*' && MatchExtended(rest, text, ignoreCase))
        {
            return true;
        }

        for (var k = 0; k <= text.Length; k++)
        {
            if (!AnyMatches(alternatives, text[..k], ignoreCase))
            {
                continue;
            }

            if (MatchExtended(rest, text[k..], ignoreCase))
            {
                return true;
            }

            if (kind is '*' or '+' && k > 0 && MatchGroup('*', alternatives, rest, text[k..], ignoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnyMatches(List<string> alternatives, ReadOnlySpan<char> text, bool ignoreCase)
    {
        foreach (var alternative in alternatives)
        {
            if (MatchExtended(alternative, text, ignoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static List<string>? Alternatives(string pattern, int open, out int end)
    {
        var result = new List<string>();
        var depth = 0;
        var start = open + 1;
        for (end = open; end < pattern.Length; end++)
        {
            switch (pattern[end])
            {
                case '\\':
                    end++;
                    break;
                case '(':
                    depth++;
                    break;
                case '|' when depth == 1:
                    result.Add(pattern[start..end]);
                    start = end + 1;
                    break;
                case ')':
                    if (--depth == 0)
                    {
                        result.Add(pattern[start..end]);
                        end++;
                        return result;
                    }

                    break;
            }
        }

        return null;
    }

    private static bool MatchOne(string pattern, ref int p, char c, bool ignoreCase)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return true;
            case '[' when MatchBracket(pattern, p, c, ignoreCase, out var end) is { } matched:
                if (matched)
                {
                    p = end;
                }

                return matched;
            case '\\' when p + 1 < pattern.Length:
                if (!Same(pattern[p + 1], c, ignoreCase))
                {
                    return false;
                }

                p += 2;
                return true;
            default:
                if (!Same(pattern[p], c, ignoreCase))
                {
                    return false;
                }

                p++;
                return true;
        }
    }

    private static bool Same(char a, char b, bool ignoreCase) =>
        a == b || (ignoreCase && char.IsAsciiLetter(a) && char.IsAsciiLetter(b) && (a | 0x20) == (b | 0x20));

    // Null when the bracket is not closed and so stands for itself.
    private static bool? MatchBracket(string pattern, int at, char c, bool ignoreCase, out int end)
    {
        end = at;
        var i = at + 1;
        var negated = i < pattern.Length && pattern[i] is '!' or '^';
        if (negated)
        {
            i++;
        }

        var found = false;
        var first = true;
        while (i < pattern.Length)
        {
            if (pattern[i] == ']' && !first)
            {
                end = i + 1;
                return found != negated;
            }

            first = false;
            if (pattern[i] == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':'
                && pattern.IndexOf(":]", i + 2, StringComparison.Ordinal) is var close && close > 0)
            {
                found |= CharacterClasses.Contains(pattern[(i + 2)..close], c, ignoreCase);
                i = close + 2;
                continue;
            }

            var low = Member(pattern, ref i);
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                i++;
                var high = Member(pattern, ref i);
                found |= (c >= low && c <= high)
                    || (ignoreCase && char.IsAsciiLetter(c) && (((char)(c ^ 0x20)) >= low && ((char)(c ^ 0x20)) <= high));
            }
            else
            {
                found |= Same(low, c, ignoreCase);
            }
        }

        return null;
    }

    private static char Member(string pattern, ref int i)
    {
        if (pattern[i] == '[' && i + 3 < pattern.Length && pattern[i + 1] is '.' or '=' && pattern.IndexOf(pattern[i + 1] + "]", i + 2, StringComparison.Ordinal) == i + 3)
        {
            var element = pattern[i + 2];
            i += 5;
            return element;
        }

        if (pattern[i] == '\\' && i + 1 < pattern.Length)
        {
            i++;
        }

        return pattern[i++];
    }
}
