using System.Text;

namespace Warden.Spec.Cli;

/// <summary>A line as words, by the rules of a shell: blanks separate, quotes and backslashes keep them.</summary>
internal static class CommandWords
{
    /// <exception cref="CommandLineException">A quote is not closed.</exception>
    internal static List<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Flush(words, ref word);
                continue;
            }

            word ??= new StringBuilder();
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && (c == '"' || c == '\''))
            {
                quote = c;
            }
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length && (quote == '\0' || line[i + 1] is '"' or '\\'))
            {
                word.Append(line[++i]);
            }
            else
            {
                word.Append(c);
            }
        }

        if (quote != '\0')
        {
            throw new CommandLineException($"a quote {quote} is not closed");
        }

        Flush(words, ref word);
        return words;
    }

    /// <summary>The words as a line that <see cref="Split"/> reads as the same words.</summary>
    internal static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word)
    {
        bool plain = word.Length > 0;
        foreach (char c in word)
        {
            plain &= !char.IsWhiteSpace(c) && c is not ('"' or '\'' or '\\');
        }

        return plain ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    private static void Flush(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
