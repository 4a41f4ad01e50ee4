namespace Warden.Emulator.Shell.Syntax;

/// <summary>What a name is.</summary>
internal static class Names
{
    public static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !IsNameStart(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!IsNameCharacter(c))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
