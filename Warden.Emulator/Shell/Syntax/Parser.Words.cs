using System.Text;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>Words and their quotes.</summary>
internal sealed partial class Parser
{
    private async ValueTask<Word> ReadWordAsync(int start)
    {
        await GuardStackAsync();
        var builder = new PartsBuilder();
        string? name = null;
        Word? subscript = null;
        var append = false;
        PartsBuilder? whole = null;
        var arrays = _arrays;
        while (true)
        {
            var next = await PeekCharAsync();
            if (next < 0)
            {
                break;
            }

            var c = (char)next;
            if (c is '<' or '>' && Following == '(')
            {
                Take();
                Take();
                builder.Add(new ProcessSubstitutionPart(await ReadNestedCommandsAsync() ?? Empty(), c == '>'));
                continue;
            }

            if (name is null && c == '[' && arrays && builder.Plain is { } array && Names.IsName(array))
            {
                Take();
                var index = await ReadDelimitedAsync("]", '[', ']', quoted: false, singleQuotes: true);
                Take();
                var after = await PeekCharAsync();
                if (after == '=' || (after == '+' && Following == '='))
                {
                    name = array;
                    subscript = index;
                    append = after == '+';
                    Take();
                    if (append)
                    {
                        Take();
                    }

                    whole = builder;
                    whole.Add('[', false);
                    AddParts(whole, index);
                    whole.Add(append ? "]+=" : "]=", false);
                    builder = new PartsBuilder();
                }
                else
                {
                    builder.Add('[', false);
                    AddParts(builder, index);
                    builder.Add(']', false);
                }

                continue;
            }

            if (name is null && c is '=' or '+' && (c == '=' || Following == '=') && builder.Plain is { } scalar && Names.IsName(scalar))
            {
                name = scalar;
                append = c == '+';
                builder.Add(Take(), false);
                if (append)
                {
                    builder.Add(Take(), false);
                }

                whole = builder;
                builder = new PartsBuilder();
                if (arrays && _at < _text.Length && _text[_at] == '(')
                {
                    Take();
                    var elements = await ReadElementsAsync();
                    whole.Add("(…)", true);
                    var compound = _raw.ToString(start, _raw.Length - start);
                    return new(whole.Finish(), compound)
                    {
                        Assignment = new() { Name = name, Append = append, Elements = elements, Source = compound },
                    };
                }

                continue;
            }

            if (IsMeta(c))
            {
                break;
            }

            if ((context.ExtendedPatterns || _inCondition) && c is '?' or '*' or '+' or '@' or '!' && Following == '(')
            {
                await ReadExtendedPatternAsync(builder);
                continue;
            }

            await ReadPieceAsync(builder, c);
        }

        var source = _raw.ToString(start, _raw.Length - start);
        if (name is null)
        {
            return new(builder.Finish(), source);
        }

        var parts = builder.Finish();
        return new([.. whole!.Finish(), .. parts], source)
        {
            Assignment = new()
            {
                Name = name,
                Subscript = subscript,
                Append = append,
                Value = new(parts, source[(source.IndexOf('=', StringComparison.Ordinal) + 1)..]),
                Source = source,
            },
        };
    }

    private static bool IsMeta(char c) => c is ' ' or '\t' or '\n' or '|' or '&' or ';' or '(' or ')' or '<' or '>';

    private static void AddParts(PartsBuilder builder, Word word)
    {
        foreach (var part in word.Parts)
        {
            builder.Add(part);
        }
    }

    /// <summary>Reads one quoted piece, one expansion or one character outside of double quotes.</summary>
    private async ValueTask ReadPieceAsync(PartsBuilder builder, char c)
    {
        switch (c)
        {
            case '\\':
                Take();
                if (_at < _text.Length)
                {
                    builder.Add(Take(), true);
                }
                else
                {
                    builder.Add('\\', true);
                }

                break;
            case '\'':
                builder.AddQuoted(await ReadSingleQuotedAsync());
                break;
            case '"':
                Take();
                builder.Add(await ReadDoubleQuotedAsync());
                break;
            case '$':
                await ReadDollarAsync(builder, quoted: false);
                break;
            case '`':
                builder.Add(await ReadBackquotedAsync(quoted: false));
                break;
            default:
                builder.Add(Take(), false);
                break;
        }
    }

    private async ValueTask ReadExtendedPatternAsync(PartsBuilder builder)
    {
        builder.Add(Take(), false);
        builder.Add(Take(), false);
        var line = Line;
        var depth = 1;
        while (depth > 0)
        {
            if (await PeekCharAsync() is var next && next < 0)
            {
                throw Unmatched(')', line);
            }

            depth += next == '(' ? 1 : next == ')' ? -1 : 0;
            await ReadPieceAsync(builder, (char)next);
        }
    }

    private async ValueTask<string> ReadSingleQuotedAsync()
    {
        Take();
        var line = Line;
        var text = new StringBuilder();
        while (await FillAsync())
        {
            var c = Take();
            if (c == '\'')
            {
                return text.ToString();
            }

            text.Append(c);
        }

        throw Unmatched('\'', line);
    }

    private async ValueTask<DoubleQuotedPart> ReadDoubleQuotedAsync()
    {
        var line = Line;
        var builder = new PartsBuilder();
        while (await FillAsync())
        {
            if (_text[_at] == '"')
            {
                Take();
                return new(builder.Finish());
            }

            await ReadQuotedPieceAsync(builder, "$`\"\\");
        }

        throw Unmatched('"', line);
    }

    /// <summary>Reads a piece between double quotes; a backslash quotes only the characters given.</summary>
    private async ValueTask ReadQuotedPieceAsync(PartsBuilder builder, string escapable)
    {
        switch (_text[_at])
        {
            case '\\':
                Take();
                if (!await FillAsync())
                {
                    builder.Add('\\', true);
                }
                else if (_text[_at] == '\n')
                {
                    Take();
                }
                else
                {
                    if (!escapable.Contains(_text[_at]))
                    {
                        builder.Add('\\', true);
                    }

                    builder.Add(Take(), true);
                }

                break;
            case '$':
                await ReadDollarAsync(builder, quoted: true);
                break;
            case '`':
                builder.Add(await ReadBackquotedAsync(quoted: true));
                break;
            default:
                builder.Add(Take(), true);
                break;
        }
    }

    private async ValueTask<CommandSubstitutionPart> ReadBackquotedAsync(bool quoted)
    {
        Take();
        var line = Line;
        var text = new StringBuilder();
        while (await FillAsync())
        {
            var c = Take();
            if (c == '`')
            {
                return new(null, text.ToString(), line);
            }

            if (c == '\\' && await FillAsync())
            {
                var next = Take();
                if (!(next is '$' or '`' or '\\' || (quoted && next == '"')))
                {
                    text.Append('\\');
                }

                text.Append(next);
                continue;
            }

            text.Append(c);
        }

        throw Unmatched('`', line);
    }

    /// <summary>Reads a word up to one of the terminators, which is not taken.</summary>
    private async ValueTask<Word> ReadDelimitedAsync(string terminators, char open, char close, bool quoted, bool singleQuotes)
    {
        await GuardStackAsync();
        var line = Line;
        var builder = new PartsBuilder();
        var start = BeginCapture();
        var depth = 0;
        while (await FillAsync())
        {
            var c = _text[_at];
            if (depth == 0 && terminators.Contains(c))
            {
                return new(builder.Finish(), EndCapture(start));
            }

            depth += c == open ? 1 : c == close ? -1 : 0;
            if (c == '\'' && singleQuotes)
            {
                builder.AddQuoted(await ReadSingleQuotedAsync());
            }
            else if (c == '"')
            {
                Take();
                builder.Add(await ReadDoubleQuotedAsync());
            }
            else if (quoted)
            {
                await ReadQuotedPieceAsync(builder, "$`\"\\}");
            }
            else if (c == '\\' && Following == '\n')
            {
                Take();
                Take();
            }
            else
            {
                await ReadPieceAsync(builder, c == '\'' ? ' ' : c);
            }
        }

        throw Unmatched(terminators[^1], line);
    }

    private async ValueTask<IReadOnlyList<ArrayElement>> ReadElementsAsync()
    {
        var line = Line;
        var elements = new List<ArrayElement>();
        var arrays = _arrays;
        while (true)
        {
            var next = await PeekCharAsync();
            if (next < 0)
            {
                throw Unmatched(')', line, status: 1);
            }

            if (next is ' ' or '\t' or '\n')
            {
                Take();
                continue;
            }

            if (next == '#')
            {
                while (_at < _text.Length && _text[_at] != '\n')
                {
                    Take();
                }

                continue;
            }

            if (next == ')')
            {
                Take();
                _arrays = arrays;
                return elements;
            }

            if (IsMeta((char)next) && !(next is '<' or '>' && Following == '('))
            {
                throw Unexpected(ReadOperator(), status: 1);
            }

            elements.Add(await ReadElementAsync());
        }
    }

    private async ValueTask<ArrayElement> ReadElementAsync()
    {
        var start = BeginCapture();
        _arrays = false;
        if (_text[_at] == '[')
        {
            var mark = SetMark();
            Take();
            var index = await ReadDelimitedAsync("]\n", '[', ']', quoted: false, singleQuotes: true);
            Take();
            var append = _at < _text.Length && _text[_at] == '+' && Following == '=';
            if (append || (_at < _text.Length && _text[_at] == '='))
            {
                DropMark();
                Take();
                if (append)
                {
                    Take();
                }

                var value = await ReadWordAsync(_raw.Length);
                EndCapture(start);
                return new(index, append, value);
            }

            ReturnTo(mark);
        }

        var word = await ReadWordAsync(start);
        EndCapture(start);
        return new(null, false, word);
    }

    private async ValueTask<Word> ParseDocumentAsync()
    {
        var builder = new PartsBuilder();
        BeginCapture();
        while (await FillAsync())
        {
            await ReadQuotedPieceAsync(builder, "$`\\");
        }

        return new(builder.Finish(), _raw.ToString());
    }

    /// <summary>Parses a text as if it stood between double quotes, such as a prompt or an arithmetic expression.</summary>
    public static ValueTask<Word> ParseQuotedTextAsync(string text, IParserContext context) =>
        new Parser(new TextSource(text), context).ParseDocumentAsync();

    private static GroupCommand Empty() => new(new ListCommand([]));
}
