namespace Warden.Emulator.Shell.Expansion;

/// <summary>The character classes of the C locale.</summary>
internal static class CharacterClasses
{
    public static bool Contains(string name, char c, bool ignoreCase) => name switch
    {
        "alpha" => char.IsAsciiLetter(c),
        "digit" => char.IsAsciiDigit(c),
        "alnum" => char.IsAsciiLetterOrDigit(c),
        "upper" => char.IsAsciiLetterUpper(c) || (ignoreCase && char.IsAsciiLetter(c)),
        "lower" => char.IsAsciiLetterLower(c) || (ignoreCase && char.IsAsciiLetter(c)),
        "space" => c is ' ' or (>= '\t' and <= '\r'),
        "blank" => c is ' ' or '\t',
        "punct" => c is > ' ' and < '\x7F' && !char.IsAsciiLetterOrDigit(c),
        "print" => c is >= ' ' and < '\x7F',
        "graph" => c is > ' ' and < '\x7F',
        "cntrl" => c is < ' ' or '\x7F',
        "xdigit" => char.IsAsciiHexDigit(c),
        "word" => char.IsAsciiLetterOrDigit(c) || c == '_',
        _ => false,
    };
}
