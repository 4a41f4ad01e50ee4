namespace Warden.Emulator.Shell.Syntax;

/// <summary>[[ ]].</summary>
internal sealed partial class Parser
{
    private const string UnaryOperators = "abcdefghknoprstuvwxzGLNORS";

    private async ValueTask<ConditionalCommand> ParseConditionalAsync()
    {
        await NextAsync();
        var line = Line;
        _arrays = false;
        var outer = _inCondition;
        _inCondition = true;
        try
        {
            var condition = await ParseOrConditionAsync();
            var end = await PeekAsync();
            if (!end.IsWord("]]"))
            {
                throw ConditionError(end, "syntax error in conditional expression");
            }

            _inCondition = outer;
            await NextAsync();
            _arrays = true;
            return new(condition) { Line = line, Redirections = await ParseRedirectionsAsync() };
        }
        finally
        {
            _inCondition = outer;
        }
    }

    private SyntaxErrorException ConditionError(Token token, string message)
    {
        if (token.Kind == TokenKind.End)
        {
            return new(Line + 1, "syntax error: unexpected end of file", null);
        }

        // bash shows no line for these, and keeps the status of the command before.
        return new(Line, message, null) { Status = null };
    }

    private async ValueTask SkipConditionNewlinesAsync() => await SkipNewlinesAsync();

    private async ValueTask<Condition> ParseOrConditionAsync()
    {
        await GuardStackAsync();
        var left = await ParseAndConditionAsync();
        while ((await PeekAsync()).IsOperator("||"))
        {
            await NextAsync();
            left = new JoinedCondition(left, false, await ParseAndConditionAsync());
        }

        return left;
    }

    private async ValueTask<Condition> ParseAndConditionAsync()
    {
        var left = await ParseConditionTermAsync();
        while ((await PeekAsync()).IsOperator("&&"))
        {
            await NextAsync();
            left = new JoinedCondition(left, true, await ParseConditionTermAsync());
        }

        return left;
    }

    private async ValueTask<Condition> ParseConditionTermAsync()
    {
        await SkipConditionNewlinesAsync();
        var token = await NextAsync();
        if (token.IsWord("!"))
        {
            return new NotCondition(await ParseConditionTermAsync());
        }

        if (token.IsOperator("("))
        {
            var inner = await ParseOrConditionAsync();
            await SkipConditionNewlinesAsync();
            var close = await NextAsync();
            if (!close.IsOperator(")"))
            {
                throw ConditionError(close, "expected `)'");
            }

            await SkipConditionNewlinesAsync();
            return new GroupedCondition(inner);
        }

        if (token.Kind != TokenKind.Word || token.IsWord("]]"))
        {
            throw ConditionError(token, $"unexpected token `{(token.Kind == TokenKind.Newline ? "newline" : token.Text)}' in conditional command");
        }

        var next = await PeekAsync();
        if (token.Word!.PlainText is { Length: 2 } unary && unary[0] == '-' && UnaryOperators.Contains(unary[1]) && !IsConditionEnd(next))
        {
            if (next.Kind == TokenKind.Word)
            {
                await NextAsync();
                await SkipConditionNewlinesAsync();
                return new UnaryCondition(unary, next.Word!);
            }

            throw ConditionError(next, $"unexpected argument `{next.Text}' to conditional unary operator");
        }

        if (IsConditionEnd(next) || next.Kind == TokenKind.Newline)
        {
            await SkipConditionNewlinesAsync();
            return new UnaryCondition("-n", token.Word);
        }

        return await ParseBinaryConditionAsync(token.Word);
    }

    private async ValueTask<Condition> ParseBinaryConditionAsync(Word left)
    {
        var token = await NextAsync();
        var operation = token.Kind == TokenKind.Operator && token.Text is "<" or ">" ? token.Text : token.Word?.PlainText;
        if (operation is not ("=" or "==" or "!=" or "=~" or "<" or ">" or "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge" or "-nt" or "-ot" or "-ef"))
        {
            throw token.Kind == TokenKind.Word
                ? ConditionError(token, "conditional binary operator expected")
                : ConditionError(token, $"unexpected token `{token.Text}', conditional binary operator expected");
        }

        if (operation == "=~")
        {
            return new BinaryCondition("=~", left, await ReadRegexAsync());
        }

        var right = await NextAsync();
        if (right.Kind != TokenKind.Word || right.IsWord("]]"))
        {
            throw ConditionError(right, $"unexpected argument `{(right.Kind == TokenKind.Newline ? "newline" : right.Text)}' to conditional binary operator");
        }

        await SkipConditionNewlinesAsync();
        return new BinaryCondition(operation, left, right.Word!);
    }

    private static bool IsConditionEnd(Token token) =>
        token.IsWord("]]") || token is { Kind: TokenKind.Operator, Text: "&&" or "||" or ")" };

    /// <summary>Reads a regular expression: parentheses nest, and blanks inside them belong to it.</summary>
    private async ValueTask<Word> ReadRegexAsync()
    {
        while (await PeekCharAsync() is ' ' or '\t')
        {
            Take();
        }

        var builder = new PartsBuilder();
        var start = BeginCapture();
        var depth = 0;
        var bracket = false;
        while (await FillAsync())
        {
            var c = _text[_at];
            if (depth == 0 && c is ' ' or '\t' or '\n')
            {
                break;
            }

            if (!bracket)
            {
                if (c == ')' && depth == 0)
                {
                    break;
                }

                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }

            bracket = c == '[' || (bracket && c != ']');
            await ReadPieceAsync(builder, c);
        }

        return new(builder.Finish(), EndCapture(start));
    }
}
