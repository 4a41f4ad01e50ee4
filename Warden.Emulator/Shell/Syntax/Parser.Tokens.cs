namespace Warden.Emulator.Shell.Syntax;

/// <summary>Tokens: words, operators, newlines.</summary>
internal sealed partial class Parser
{
    private static readonly string[] Operators =
        ["&>>", "&>", "&&", "&", "||", "|&", "|", ";;&", ";;", ";&", ";", "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">", "(", ")"];

    private readonly List<(Redirection Redirection, string Delimiter, bool Quoted, int Line)> _documents = [];
    private Token? _token;
    private bool _endsLine;

    // Whether the next word may begin with an assignment of an array.
    private bool _arrays = true;

    private async ValueTask<Token> PeekAsync() => _token ??= await ReadTokenAsync();

    private async ValueTask<Token> NextAsync()
    {
        var token = _token ?? await ReadTokenAsync();
        _token = null;
        return token;
    }

    private async ValueTask<Token> ReadTokenAsync()
    {
        int c;
        while ((c = await PeekCharAsync()) is ' ' or '\t')
        {
            Take();
        }

        if (c == '#')
        {
            while (_at < _text.Length && _text[_at] != '\n')
            {
                Take();
            }

            c = await PeekCharAsync();
        }

        if (c < 0 && !_endsLine && _lineText.Length > 0 && _lineText[^1] != '\n')
        {
            // The last line counts as one even without its newline.
            _endsLine = true;
            await ReadDocumentsAsync();
            return new(TokenKind.Newline, "\n", null);
        }

        if (c < 0)
        {
            return new(TokenKind.End, "", null);
        }

        if (c == '\n')
        {
            Take();
            await ReadDocumentsAsync();
            return new(TokenKind.Newline, "\n", null);
        }

        if ("|&;()<>".Contains((char)c) && !(c is '<' or '>' && Following == '('))
        {
            return ReadOperator();
        }

        var start = BeginCapture();
        Word word;
        try
        {
            word = await ReadWordAsync(start);
        }
        catch
        {
            _captures = 0;
            _raw.Clear();
            throw;
        }

        EndCapture(start);
        if (_at < _text.Length && _text[_at] is '<' or '>' && _at > 0 && word.PlainText is { } text)
        {
            if (text.All(char.IsAsciiDigit))
            {
                return new(TokenKind.Descriptor, text, word);
            }

            if (text.Length > 2 && text[0] == '{' && text[^1] == '}' && text[1..^1] is var name && Names.IsName(name))
            {
                return new(TokenKind.DescriptorVariable, name, word);
            }
        }

        return new(TokenKind.Word, word.Source, word);
    }

    private Token ReadOperator()
    {
        foreach (var candidate in Operators)
        {
            if (string.CompareOrdinal(_text, _at, candidate, 0, candidate.Length) == 0)
            {
                for (var i = 0; i < candidate.Length; i++)
                {
                    Take();
                }

                return new(TokenKind.Operator, candidate, null);
            }
        }

        throw new InvalidOperationException("An operator's first character begins no operator.");
    }

    private async ValueTask SkipNewlinesAsync()
    {
        while ((await PeekAsync()).Kind == TokenKind.Newline)
        {
            await NextAsync();
        }
    }

    private async ValueTask ReadDocumentsAsync()
    {
        if (_documents.Count == 0)
        {
            return;
        }

        var documents = _documents.ToArray();
        _documents.Clear();
        foreach (var (redirection, delimiter, quoted, line) in documents)
        {
            var body = new System.Text.StringBuilder();
            while (true)
            {
                var text = await ReadRawLineAsync(join: !quoted);
                if (text is null)
                {
                    await context.WarnAsync(Line, $"here-document at line {line} delimited by end-of-file (wanted `{delimiter}')");
                    break;
                }

                if (redirection.StripTabs)
                {
                    text = text.TrimStart('\t');
                }

                if (text == delimiter || (text.EndsWith('\n') && text.Length == delimiter.Length + 1 && text.StartsWith(delimiter, StringComparison.Ordinal)))
                {
                    break;
                }

                body.Append(text);
            }

            redirection.Document = quoted
                ? Word.Literal(body.ToString())
                : await new Parser(new TextSource(body.ToString()), context) { Line = line, KeepsLine = true }.ParseDocumentAsync();
        }
    }

    private async ValueTask<string?> ReadRawLineAsync(bool join)
    {
        if (!await FillAsync())
        {
            return null;
        }

        var line = new System.Text.StringBuilder();
        do
        {
            while (_at < _text.Length)
            {
                var c = Take();
                line.Append(c);
                if (c == '\n')
                {
                    break;
                }
            }
        }
        while (join && EndsWithContinuation(line) && await FillAsync());
        return line.ToString();
    }

    // The joined line keeps its backslash and newline, which the text's expansion removes.
    private static bool EndsWithContinuation(System.Text.StringBuilder line)
    {
        if (line.Length < 2 || line[^1] != '\n')
        {
            return false;
        }

        var slashes = 0;
        for (var i = line.Length - 2; i >= 0 && line[i] == '\\'; i--)
        {
            slashes++;
        }

        return slashes % 2 == 1;
    }
}
