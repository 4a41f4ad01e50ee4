namespace Warden.Emulator.Programs;

/// <summary>fnmatch(3).</summary>
internal static class Glob
{
    /// <summary>Whether the whole name matches. With <paramref name="pathName"/> wildcards do not match a slash.</summary>
    public static bool Matches(string pattern, string name, bool ignoreCase = false, bool pathName = false) =>
        ignoreCase ? Match(pattern.ToLowerInvariant(), 0, name.ToLowerInvariant(), 0, pathName) : Match(pattern, 0, name, 0, pathName);

    private static bool Match(string p, int i, string s, int j, bool pathName)
    {
        // Where the last star was, and where it was tried: a linear walk back instead of recursion.
        var star = -1;
        var mark = 0;
        while (j < s.Length || i < p.Length)
        {
            if (i < p.Length && p[i] == '*')
            {
                star = i++;
                mark = j;
                continue;
            }
            if (i < p.Length && j < s.Length && One(p, i, s[j], pathName, out var next))
            {
                i = next;
                j++;
                continue;
            }
            if (star >= 0 && mark < s.Length && !(pathName && s[mark] == '/'))
            {
                i = star + 1;
                j = ++mark;
                continue;
            }
            return false;
        }
        return true;
    }

    private static bool One(string p, int i, char c, bool pathName, out int next)
    {
        next = i + 1;
        switch (p[i])
        {
            case '?':
                return !(pathName && c == '/');
            case '[' when Set(p, i, c, out var matches, out var end):
                next = end;
                return matches && !(pathName && c == '/');
            case '\\' when i + 1 < p.Length:
                next = i + 2;
                return p[i + 1] == c;
            default:
                return p[i] == c;
        }
    }

    private static bool Set(string p, int i, char c, out bool matches, out int end)
    {
        var at = i + 1;
        var negated = at < p.Length && p[at] is '!' or '^';
        at += negated ? 1 : 0;
        var found = false;
        for (var first = true; at < p.Length && (p[at] != ']' || first); first = false)
        {
            if (p[at] == '[' && at + 1 < p.Length && p[at + 1] == ':' && p.IndexOf(":]", at + 2, StringComparison.Ordinal) is var close && close > 0)
            {
                found |= CharacterClass.Contains(p[(at + 2)..close], c);
                at = close + 2;
                continue;
            }
            var low = p[at] == '\\' && at + 1 < p.Length ? p[++at] : p[at];
            at++;
            if (at + 1 < p.Length && p[at] == '-' && p[at + 1] != ']')
            {
                var high = p[at + 1] == '\\' && at + 2 < p.Length ? p[++at + 1] : p[at + 1];
                at += 2;
                found |= c >= low && c <= high;
            }
            else
            {
                found |= c == low;
            }
        }
        matches = found != negated;
        end = at + 1;
        return at < p.Length;
    }
}
