namespace Warden.Emulator.Shell.Syntax;

/// <summary>Compound commands and functions.</summary>
internal sealed partial class Parser
{
    private async ValueTask<Command> ParseCommandElementAsync()
    {
        await GuardStackAsync();
        var token = await PeekAsync();
        if (token.IsOperator("("))
        {
            return await ParseParenthesisAsync();
        }

        if (token.Kind == TokenKind.Word && token.Word!.PlainText is { } word)
        {
            switch (word)
            {
                case "if":
                    return await ParseIfAsync();
                case "for":
                    return await ParseForAsync();
                case "select":
                    return await ParseSelectAsync();
                case "while" or "until":
                    return await ParseWhileAsync();
                case "case":
                    return await ParseCaseAsync();
                case "{":
                    return await ParseGroupAsync();
                case "function":
                    return await ParseFunctionKeywordAsync();
                case "[[":
                    return await ParseConditionalAsync();
                case "coproc":
                    return await ParseCoprocessAsync();
            }

            if (Reserved.Contains(word) && word is not ("in" or "]]"))
            {
                throw Unexpected(token);
            }

            if (await TryParseFunctionAsync(word) is { } function)
            {
                return function;
            }
        }

        return await ParseSimpleAsync();
    }

    private async ValueTask ExpectWordAsync(string word)
    {
        var token = await NextAsync();
        if (!token.IsWord(word))
        {
            throw Unexpected(token);
        }

        _arrays = true;
    }

    private async ValueTask ExpectOperatorAsync(string text)
    {
        var token = await NextAsync();
        if (!token.IsOperator(text))
        {
            throw Unexpected(token);
        }

        _arrays = true;
    }

    private async ValueTask<Command> ParseParenthesisAsync()
    {
        await NextAsync();
        var line = Line;
        if (_at < _text.Length && _text[_at] == '(')
        {
            var start = BeginCapture();
            var expression = await TryReadArithmeticAsync();
            EndCapture(start);
            if (expression is not null)
            {
                return new ArithmeticCommand(expression) { Line = line, Redirections = await ParseRedirectionsAsync() };
            }
        }

        var body = await ParseListAsync(static token => token.IsOperator(")"));
        await ExpectOperatorAsync(")");
        return new SubshellCommand(body) { Line = line, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<GroupCommand> ParseGroupAsync()
    {
        await NextAsync();
        var line = Line;
        var body = await ParseListAsync(static token => token.IsWord("}"));
        await ExpectWordAsync("}");
        return new(body) { Line = line, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<IfCommand> ParseIfAsync()
    {
        var line = Line;
        var branches = new List<(Command, Command)>();
        Command? otherwise = null;
        await NextAsync();
        while (true)
        {
            var test = await ParseListAsync(static token => token.IsWord("then"));
            await ExpectWordAsync("then");
            var body = await ParseListAsync(static token => token.IsWord("fi") || token.IsWord("else") || token.IsWord("elif"));
            branches.Add((test, body));
            var next = await NextAsync();
            _arrays = true;
            if (next.IsWord("elif"))
            {
                continue;
            }

            if (next.IsWord("else"))
            {
                otherwise = await ParseListAsync(static token => token.IsWord("fi"));
                await ExpectWordAsync("fi");
            }

            return new(branches, otherwise) { Line = line, Redirections = await ParseRedirectionsAsync() };
        }
    }

    private async ValueTask<WhileCommand> ParseWhileAsync()
    {
        var line = Line;
        var until = (await NextAsync()).Text == "until";
        var test = await ParseListAsync(static token => token.IsWord("do"));
        var body = await ParseDoAsync();
        return new(test, body, until) { Line = line, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<Command> ParseDoAsync()
    {
        await ExpectWordAsync("do");
        var body = await ParseListAsync(static token => token.IsWord("done"));
        await ExpectWordAsync("done");
        return body;
    }

    private async ValueTask<Command> ParseLoopBodyAsync()
    {
        await SkipNewlinesAsync();
        if ((await PeekAsync()).IsWord("{"))
        {
            await NextAsync();
            var body = await ParseListAsync(static token => token.IsWord("}"));
            await ExpectWordAsync("}");
            return body;
        }

        return await ParseDoAsync();
    }

    private async ValueTask<Command> ParseForAsync()
    {
        await NextAsync();
        var line = Line;
        if (await PeekAsync() is { } open && open.IsOperator("("))
        {
            return await ParseArithmeticForAsync(line, open);
        }

        return await ParseForWordsAsync(line, select: false);
    }

    private async ValueTask<ForCommand> ParseSelectAsync()
    {
        await NextAsync();
        return await ParseForWordsAsync(Line, select: true);
    }

    private async ValueTask<ForCommand> ParseForWordsAsync(int line, bool select)
    {
        var name = await NextAsync();
        if (name.Kind != TokenKind.Word)
        {
            throw Unexpected(name);
        }

        List<Word>? words = null;
        await SkipNewlinesAsync();
        if ((await PeekAsync()).IsWord("in"))
        {
            await NextAsync();
            words = [];
            _arrays = false;
            while ((await PeekAsync()).Kind == TokenKind.Word)
            {
                words.Add((await NextAsync()).Word!);
            }

            _arrays = true;
            var end = await NextAsync();
            if (!end.IsOperator(";") && end.Kind != TokenKind.Newline)
            {
                throw Unexpected(end);
            }
        }
        else if ((await PeekAsync()).IsOperator(";"))
        {
            await NextAsync();
        }

        var body = await ParseLoopBodyAsync();
        return new(name.Word!.Source, words, body) { Line = line, Select = select, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<ArithmeticForCommand> ParseArithmeticForAsync(int line, Token open)
    {
        await NextAsync();
        if (_at >= _text.Length || _text[_at] != '(')
        {
            throw Unexpected(open);
        }

        Take();
        var initial = await ReadDelimitedAsync(";", '(', ')', quoted: true, singleQuotes: false);
        Take();
        var test = await ReadDelimitedAsync(";", '(', ')', quoted: true, singleQuotes: false);
        Take();
        var step = await ReadDelimitedAsync(")", '(', ')', quoted: true, singleQuotes: false);
        Take();
        await ExpectOperatorAsync(")");
        if ((await PeekAsync()).IsOperator(";"))
        {
            await NextAsync();
        }

        var body = await ParseLoopBodyAsync();
        return new(initial, test, step, body) { Line = line, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<CaseCommand> ParseCaseAsync()
    {
        await NextAsync();
        var line = Line;
        _arrays = false;
        var subject = await NextAsync();
        if (subject.Kind != TokenKind.Word)
        {
            throw Unexpected(subject);
        }

        await SkipNewlinesAsync();
        await ExpectWordAsync("in");
        var clauses = new List<CaseClause>();
        while (true)
        {
            await SkipNewlinesAsync();
            if ((await PeekAsync()).IsWord("esac"))
            {
                break;
            }

            clauses.Add(await ParseClauseAsync());
            if ((await PeekAsync()).IsWord("esac"))
            {
                break;
            }
        }

        await NextAsync();
        return new(subject.Word!, clauses) { Line = line, Redirections = await ParseRedirectionsAsync() };
    }

    private async ValueTask<CaseClause> ParseClauseAsync()
    {
        _arrays = false;
        if ((await PeekAsync()).IsOperator("("))
        {
            await NextAsync();
        }

        var patterns = new List<Word>();
        while (true)
        {
            var pattern = await NextAsync();
            if (pattern.Kind != TokenKind.Word)
            {
                throw Unexpected(pattern);
            }

            patterns.Add(pattern.Word!);
            var separator = await NextAsync();
            if (separator.IsOperator(")"))
            {
                break;
            }

            if (!separator.IsOperator("|"))
            {
                throw Unexpected(separator);
            }
        }

        _arrays = true;
        await SkipNewlinesAsync();
        Command? body = null;
        if (!IsClauseEnd(await PeekAsync()))
        {
            body = await ParseListAsync(IsClauseEnd);
        }

        var end = await PeekAsync();
        var kind = end.Text switch { ";&" => CaseEnd.FallThrough, ";;&" => CaseEnd.TestNext, _ => CaseEnd.Break };
        if (end.Kind == TokenKind.Operator)
        {
            await NextAsync();
            await SkipNewlinesAsync();
        }

        return new(patterns, body, kind);
    }

    private static bool IsClauseEnd(Token token) =>
        token.IsWord("esac") || token is { Kind: TokenKind.Operator, Text: ";;" or ";&" or ";;&" };

    private async ValueTask<FunctionCommand> ParseFunctionKeywordAsync()
    {
        await NextAsync();
        var line = Line;
        _arrays = false;
        var name = await NextAsync();
        if (name.Kind != TokenKind.Word)
        {
            throw Unexpected(name);
        }

        _arrays = true;
        if ((await PeekAsync()).IsOperator("(") && _at < _text.Length && _text[_at..].TrimStart(' ', '\t').StartsWith(')'))
        {
            await NextAsync();
            await ExpectOperatorAsync(")");
        }

        await SkipNewlinesAsync();
        return new(name.Word!.Source, await ParseFunctionBodyAsync()) { Line = line };
    }

    private async ValueTask<FunctionCommand?> TryParseFunctionAsync(string name)
    {
        // The name's parenthesis follows on the same line; looking at the text spares a second token of lookahead.
        var i = _at;
        while (i < _text.Length && _text[i] is ' ' or '\t')
        {
            i++;
        }

        if (i >= _text.Length || _text[i] != '(' || name.Contains('$'))
        {
            return null;
        }

        var close = i + 1;
        while (close < _text.Length && _text[close] is ' ' or '\t')
        {
            close++;
        }

        if (close >= _text.Length || _text[close] != ')')
        {
            return null;
        }

        await NextAsync();
        await ExpectOperatorAsync("(");
        await ExpectOperatorAsync(")");
        var line = Line;
        await SkipNewlinesAsync();
        return new(name, await ParseFunctionBodyAsync()) { Line = line };
    }

    private async ValueTask<Command> ParseFunctionBodyAsync()
    {
        var token = await PeekAsync();
        var compound = token.IsOperator("(") || (token.Kind == TokenKind.Word
            && token.Word!.PlainText is "{" or "if" or "for" or "while" or "until" or "case" or "select" or "[[");
        if (!compound)
        {
            throw Unexpected(token);
        }

        return await ParseCommandElementAsync();
    }

    private async ValueTask<CoprocessCommand> ParseCoprocessAsync()
    {
        await NextAsync();
        var line = Line;
        var token = await PeekAsync();
        if (token.Kind == TokenKind.Word && Names.IsName(token.Text) && _text[_at..].TrimStart(' ', '\t') is { } rest
            && (rest.StartsWith('{') || rest.StartsWith('(')))
        {
            await NextAsync();
            return new(token.Text, await ParseCommandElementAsync()) { Line = line };
        }

        return new("COPROC", await ParseCommandElementAsync()) { Line = line };
    }
}
