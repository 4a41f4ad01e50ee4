using System.Text;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>What begins with a dollar.</summary>
internal sealed partial class Parser
{
    private async ValueTask ReadDollarAsync(PartsBuilder builder, bool quoted)
    {
        var start = BeginCapture();
        try
        {
            Take();
            var next = _at < _text.Length ? _text[_at] : '\0';
            if (next == '(')
            {
                builder.Add(await ReadParenthesisAsync());
            }
            else if (next == '{')
            {
                Take();
                builder.Add(await ReadParameterAsync(start, quoted));
            }
            else if (next == '[')
            {
                Take();
                var expression = await ReadDelimitedAsync("]", '[', ']', quoted: true, singleQuotes: false);
                Take();
                builder.Add(new ArithmeticPart(expression));
            }
            else if (next == '\'' && !quoted)
            {
                builder.AddQuoted(AnsiQuoting.Decode(await ReadAnsiQuotedAsync()));
            }
            else if (next == '"' && !quoted)
            {
                Take();
                builder.Add(await ReadDoubleQuotedAsync());
            }
            else if (Names.IsNameStart(next))
            {
                var name = ReadName();
                builder.Add(new ParameterPart { Name = name, Source = "$" + name });
            }
            else if (char.IsAsciiDigit(next) || (next != '\0' && "*@#?-$!".Contains(next)))
            {
                var name = Take().ToString();
                builder.Add(new ParameterPart { Name = name, Source = "$" + name });
            }
            else
            {
                builder.Add('$', quoted);
            }
        }
        finally
        {
            if (_captures > 0)
            {
                EndCapture(start);
            }
        }
    }

    private string ReadName()
    {
        var name = new StringBuilder();
        while (_at < _text.Length && Names.IsNameCharacter(_text[_at]))
        {
            name.Append(Take());
        }

        return name.ToString();
    }

    // The text between $' and ', its escapes untouched.
    private async ValueTask<string> ReadAnsiQuotedAsync()
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
            if (c == '\\' && await FillAsync())
            {
                text.Append(Take());
            }
        }

        throw Unmatched('\'', line);
    }

    private async ValueTask<WordPart> ReadParenthesisAsync()
    {
        Take();
        var line = Line;
        if (await PeekCharAsync() == '(' && await TryReadArithmeticAsync() is { } expression)
        {
            return new ArithmeticPart(expression);
        }

        return new CommandSubstitutionPart(await ReadNestedCommandsAsync() ?? Empty(), null, line);
    }

    /// <summary>Reads "( expression ))" after an opening parenthesis; returns null, taking nothing, when it does not end so.</summary>
    private async ValueTask<Word?> TryReadArithmeticAsync()
    {
        var mark = SetMark();
        var captures = _captures;
        Take();
        try
        {
            var expression = await ReadDelimitedAsync(")", '(', ')', quoted: true, singleQuotes: false);
            Take();
            if (await PeekCharAsync() == ')')
            {
                Take();
                DropMark();
                return expression;
            }
        }
        catch (SyntaxErrorException)
        {
            _captures = captures;
        }

        ReturnTo(mark);
        return null;
    }

    /// <summary>Parses the commands up to the parenthesis that closes them.</summary>
    private async ValueTask<Command?> ReadNestedCommandsAsync()
    {
        await GuardStackAsync();
        var outer = _token;
        var arrays = _arrays;
        _token = null;
        _arrays = true;
        await SkipNewlinesAsync();
        Command? body = null;
        if (!(await PeekAsync()).IsOperator(")"))
        {
            if ((await PeekAsync()).Kind == TokenKind.End)
            {
                throw Unmatched(')', Line + 1);
            }

            body = await ParseListAsync(static token => token.IsOperator(")") || token.Kind == TokenKind.End);
            if ((await PeekAsync()).Kind == TokenKind.End)
            {
                throw Unmatched(')', Line + 1);
            }
        }

        _token = outer;
        _arrays = arrays;
        return body;
    }

    private async ValueTask<ParameterPart> ReadParameterAsync(int start, bool quoted)
    {
        await GuardStackAsync();
        var line = Line;
        if (!await FillAsync())
        {
            throw Unmatched('}', line);
        }

        var length = false;
        var indirect = false;
        if (_text[_at] == '#' && Following is var hash && hash != '}' && hash >= 0 && !(":-=+%/".Contains((char)hash) && !IsLengthOfSpecial(hash)))
        {
            Take();
            length = true;
        }
        else if (_text[_at] == '!' && Following is var bang && bang >= 0 && (Names.IsNameCharacter((char)bang) || "*@#?-$!".Contains((char)bang)) && !IsPlainBang(bang))
        {
            Take();
            indirect = true;
        }

        var name = ReadParameterName();
        Word? subscript = null;
        if (name.Length > 0 && Names.IsNameStart(name[0]) && _at < _text.Length && _text[_at] == '[')
        {
            Take();
            subscript = await ReadDelimitedAsync("}]", '[', ']', quoted: false, singleQuotes: true);
            if (_text[_at] == ']')
            {
                Take();
            }
            else
            {
                name = "";
            }
        }

        if (!await FillAsync())
        {
            throw Unmatched('}', line);
        }

        var operation = length ? ParameterOperation.Length : ParameterOperation.None;
        var colon = false;
        Word? operand = null;
        Word? second = null;
        if (name.Length == 0 || (length && _text[_at] != '}'))
        {
            operation = ParameterOperation.Bad;
        }
        else if (_text[_at] != '}')
        {
            (operation, colon) = ReadOperation(indirect, name);
            (operand, second, operation) = await ReadOperandsAsync(operation, quoted);
        }

        if (operation == ParameterOperation.Bad)
        {
            await ReadDelimitedAsync("}", '{', '}', quoted, singleQuotes: true);
        }

        if (!await FillAsync())
        {
            throw Unmatched('}', line);
        }

        Take();
        return new()
        {
            Name = name,
            Subscript = subscript,
            Indirect = indirect,
            Operation = operation,
            Colon = colon,
            Operand = operand,
            SecondOperand = second,
            Source = _raw.ToString(start, _raw.Length - start),
        };
    }

    // ${#-} and ${#?} are lengths of $- and $?; ${#-word} is an operation on $#.
    private bool IsLengthOfSpecial(int c) => c is '-' or '?' && _at + 2 < _text.Length && _text[_at + 2] == '}';

    // ${!-word} operates on $!, ${!-} is the value of the parameter that $- names, which is none.
    private bool IsPlainBang(int c) => c is '-' or '?' or '#' && _at + 2 < _text.Length && _text[_at + 2] != '}';

    private string ReadParameterName()
    {
        if (_at >= _text.Length)
        {
            return "";
        }

        var c = _text[_at];
        if (Names.IsNameStart(c))
        {
            return ReadName();
        }

        if (char.IsAsciiDigit(c))
        {
            var digits = new StringBuilder();
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            {
                digits.Append(Take());
            }

            return digits.ToString();
        }

        return "*@#?-$!".Contains(c) ? Take().ToString() : "";
    }

    private (ParameterOperation Operation, bool Colon) ReadOperation(bool indirect, string name)
    {
        var c = _text[_at];
        var next = Following;
        if (indirect && c is '*' or '@' && next == '}' && Names.IsName(name))
        {
            Take();
            return (ParameterOperation.Names, c == '@');
        }

        if (c == ':' && next is '-' or '=' or '?' or '+')
        {
            Take();
            return (ReadTest(), true);
        }

        switch (c)
        {
            case '-' or '=' or '?' or '+':
                return (ReadTest(), false);
            case ':':
                Take();
                return (ParameterOperation.Substring, false);
            case '#' or '%' or '^' or ',' or '~':
                Take();
                var twice = next == c;
                if (twice)
                {
                    Take();
                }

                return (c switch
                {
                    '#' => twice ? ParameterOperation.RemoveLongestPrefix : ParameterOperation.RemovePrefix,
                    '%' => twice ? ParameterOperation.RemoveLongestSuffix : ParameterOperation.RemoveSuffix,
                    '^' => twice ? ParameterOperation.UpperAll : ParameterOperation.UpperFirst,
                    ',' => twice ? ParameterOperation.LowerAll : ParameterOperation.LowerFirst,
                    _ => twice ? ParameterOperation.ToggleAll : ParameterOperation.ToggleFirst,
                }, false);
            case '/':
                Take();
                if (next is '/' or '#' or '%')
                {
                    Take();
                }

                return (next switch
                {
                    '/' => ParameterOperation.ReplaceAll,
                    '#' => ParameterOperation.ReplacePrefix,
                    '%' => ParameterOperation.ReplaceSuffix,
                    _ => ParameterOperation.ReplaceFirst,
                }, false);
            case '@':
                Take();
                return (ParameterOperation.Transform, false);
            default:
                return (ParameterOperation.Bad, false);
        }
    }

    private ParameterOperation ReadTest() => Take() switch
    {
        '-' => ParameterOperation.Default,
        '=' => ParameterOperation.Assign,
        '?' => ParameterOperation.Error,
        _ => ParameterOperation.Alternative,
    };

    private async ValueTask<(Word? Operand, Word? Second, ParameterOperation Operation)> ReadOperandsAsync(
        ParameterOperation operation, bool quoted)
    {
        switch (operation)
        {
            case ParameterOperation.Bad or ParameterOperation.Names:
                return (null, null, operation);
            case ParameterOperation.Default or ParameterOperation.Assign or ParameterOperation.Error or ParameterOperation.Alternative:
                return (await ReadDelimitedAsync("}", '\0', '\0', quoted, singleQuotes: !quoted), null, operation);
            case ParameterOperation.Substring:
                var offset = await ReadDelimitedAsync(":}", '(', ')', quoted: true, singleQuotes: false);
                Word? length = null;
                if (_text[_at] == ':')
                {
                    Take();
                    length = await ReadDelimitedAsync("}", '\0', '\0', quoted: true, singleQuotes: false);
                }

                return (offset, length, operation);
            case ParameterOperation.ReplaceFirst or ParameterOperation.ReplaceAll or ParameterOperation.ReplacePrefix or ParameterOperation.ReplaceSuffix:
                var pattern = await ReadDelimitedAsync("/}", '\0', '\0', quoted: false, singleQuotes: true);
                Word? replacement = null;
                if (_text[_at] == '/')
                {
                    Take();
                    replacement = await ReadDelimitedAsync("}", '\0', '\0', quoted: false, singleQuotes: true);
                }

                return (pattern, replacement, operation);
            case ParameterOperation.Transform:
                var letter = await ReadDelimitedAsync("}", '\0', '\0', quoted: false, singleQuotes: false);
                return letter.Source is { Length: 1 } text && "UuLQEPAaKk".Contains(text[0])
                    ? (letter, null, operation)
                    : (letter, null, ParameterOperation.Bad);
            default:
                return (await ReadDelimitedAsync("}", '\0', '\0', quoted: false, singleQuotes: true), null, operation);
        }
    }
}
