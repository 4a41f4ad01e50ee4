using System.Text;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>A word without its quotes and with its expansions as they were written.</summary>
internal static class QuoteRemoval
{
    public static string Remove(Word word)
    {
        var text = new StringBuilder();
        Append(text, word.Parts);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<WordPart> parts)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case LiteralPart literal:
                    text.Append(literal.Text);
                    break;
                case DoubleQuotedPart quoted:
                    Append(text, quoted.Parts);
                    break;
                case ParameterPart parameter:
                    text.Append(parameter.Source);
                    break;
            }
        }
    }
}
