namespace Warden.Emulator.Programs;

/// <summary>The order of names with version numbers, as sort -V and ls -v have it: digits by value, letters before all else.</summary>
internal static class VersionOrder
{
    public static int Compare(string a, string b)
    {
        var (i, j) = (0, 0);
        while (i < a.Length || j < b.Length)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                var order = Rank(a, i).CompareTo(Rank(b, j));
                if (order != 0)
                {
                    return order;
                }
                i++;
                j++;
            }
            var x = Digits(a, ref i);
            var y = Digits(b, ref j);
            if (x.Length != y.Length || x != y)
            {
                return x.Length != y.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y);
            }
        }
        return string.CompareOrdinal(a, b);
    }

    private static int Rank(string text, int at) =>
        at >= text.Length || char.IsAsciiDigit(text[at]) ? 0 : text[at] == '~' ? -1 : char.IsAsciiLetter(text[at]) ? text[at] : text[at] + 256;

    private static string Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        return text[start..at].TrimStart('0');
    }
}
