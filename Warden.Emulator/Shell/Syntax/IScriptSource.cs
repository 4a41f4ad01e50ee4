namespace Warden.Emulator.Shell.Syntax;

/// <summary>Where the lines of a script come from.</summary>
internal interface IScriptSource
{
    /// <summary>The next line with its newline; null at the end.</summary>
    ValueTask<string?> ReadLineAsync();
}

/// <summary>What a parser asks of the shell that it works for.</summary>
internal interface IParserContext
{
    /// <summary>Whether extended patterns are on (shopt extglob).</summary>
    bool ExtendedPatterns { get; }

    /// <summary>The value of an alias, where aliases are expanded; else null.</summary>
    string? FindAlias(string name);

    /// <summary>Prints a warning on the standard error.</summary>
    ValueTask WarnAsync(int line, string message);
}

/// <summary>A script that is all there.</summary>
internal sealed class TextSource(string text) : IScriptSource
{
    private int _at;

    public ValueTask<string?> ReadLineAsync()
    {
        if (_at >= text.Length)
        {
            return new((string?)null);
        }

        var end = text.IndexOf('\n', _at);
        end = end < 0 ? text.Length : end + 1;
        var line = text[_at..end];
        _at = end;
        return new(line);
    }
}
