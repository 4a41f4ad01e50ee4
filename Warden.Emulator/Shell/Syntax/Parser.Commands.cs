namespace Warden.Emulator.Shell.Syntax;

/// <summary>Lists, pipelines and simple commands.</summary>
internal sealed partial class Parser
{
    private static readonly HashSet<string> Declarations = ["declare", "typeset", "local", "export", "readonly", "alias", "eval"];

    private static readonly HashSet<string> Reserved =
        ["then", "else", "elif", "fi", "do", "done", "esac", "}", "in", "]]"];

    private bool _inCondition;

    /// <summary>The next complete command: a line's list, or a construct of several lines. Null at the end of the script.</summary>
    /// <exception cref="SyntaxErrorException">The script is malformed there.</exception>
    public async ValueTask<Command?> ParseCommandAsync()
    {
        _token = null;
        _arrays = true;
        while (true)
        {
            var token = await PeekAsync();
            if (token.Kind == TokenKind.End)
            {
                return null;
            }

            if (token.Kind != TokenKind.Newline)
            {
                break;
            }

            await NextAsync();
        }

        var items = new List<ListItem>();
        while (true)
        {
            var command = await ParseAndOrAsync();
            var token = await PeekAsync();
            var background = token.IsOperator("&");
            items.Add(new(command, background));
            if (background || token.IsOperator(";"))
            {
                await NextAsync();
                _arrays = true;
                token = await PeekAsync();
                if (token.Kind is not (TokenKind.Newline or TokenKind.End))
                {
                    continue;
                }
            }

            if (token.Kind is not (TokenKind.Newline or TokenKind.End))
            {
                throw Unexpected(token);
            }

            _token = null;
            return items.Count == 1 && !items[0].Background ? items[0].Command : new ListCommand(items) { Line = items[0].Command.Line };
        }
    }

    private async ValueTask<Command> ParseListAsync(Func<Token, bool> end)
    {
        await GuardStackAsync();
        _arrays = true;
        await SkipNewlinesAsync();
        var items = new List<ListItem>();
        while (true)
        {
            var token = await PeekAsync();
            if (items.Count > 0 && end(token))
            {
                break;
            }

            var command = await ParseAndOrAsync();
            token = await PeekAsync();
            var background = token.IsOperator("&");
            items.Add(new(command, background));
            if (background || token.IsOperator(";") || token.Kind == TokenKind.Newline)
            {
                await NextAsync();
                _arrays = true;
                await SkipNewlinesAsync();
                continue;
            }

            if (!end(token))
            {
                throw Unexpected(token);
            }

            break;
        }

        return items.Count == 1 && !items[0].Background ? items[0].Command : new ListCommand(items) { Line = items[0].Command.Line };
    }

    private async ValueTask<Command> ParseAndOrAsync()
    {
        var left = await ParsePipelineAsync();
        while (await PeekAsync() is { Kind: TokenKind.Operator, Text: "&&" or "||" } token)
        {
            await NextAsync();
            _arrays = true;
            await SkipNewlinesAsync();
            left = new AndOrCommand(left, token.Text == "&&", await ParsePipelineAsync()) { Line = left.Line };
        }

        return left;
    }

    private async ValueTask<Command> ParsePipelineAsync()
    {
        var negated = false;
        var timed = false;
        var portably = false;
        while (true)
        {
            var token = await PeekAsync();
            if (token.IsWord("!"))
            {
                negated = !negated;
            }
            else if (token.IsWord("time") && !timed)
            {
                timed = true;
            }
            else if (timed && token.IsWord("-p"))
            {
                portably = true;
            }
            else
            {
                break;
            }

            await NextAsync();
            _arrays = true;
        }

        var ending = await PeekAsync();
        if (timed && (ending.Kind is TokenKind.Newline or TokenKind.End || ending.IsOperator(";")))
        {
            return new PipelineCommand { Commands = [Empty()], Timed = true, TimedPortably = portably, Negated = negated, Line = Line };
        }

        var commands = new List<Command> { await ParseCommandElementAsync() };
        while (await PeekAsync() is { Kind: TokenKind.Operator, Text: "|" or "|&" } token)
        {
            await NextAsync();
            if (token.Text == "|&")
            {
                commands[^1] = WithErrorToOutput(commands[^1]);
            }

            _arrays = true;
            await SkipNewlinesAsync();
            commands.Add(await ParseCommandElementAsync());
        }

        return commands.Count == 1 && !negated && !timed
            ? commands[0]
            : new PipelineCommand { Commands = commands, Negated = negated, Timed = timed, TimedPortably = portably, Line = commands[0].Line };
    }

    private static GroupCommand WithErrorToOutput(Command command) => new(command)
    {
        Line = command.Line,
        Redirections = [new() { Kind = RedirectionKind.DuplicateOutput, Descriptor = 2, Explicit = true, Target = Word.Literal("1") }],
    };

    private async ValueTask<SimpleCommand> ParseSimpleAsync()
    {
        var assignments = new List<Assignment>();
        var words = new List<Word>();
        var redirections = new List<Redirection>();
        var line = 0;
        var count = 0;
        var checkAlias = true;
        while (true)
        {
            _arrays = words.Count == 0 || (words[0].PlainText is { } declaration && Declarations.Contains(declaration));
            var token = await PeekAsync();

            // As in bash, a command is on the line at which its second token was read.
            if (count++ == 1)
            {
                line = Line;
            }

            if (token.Kind is TokenKind.Descriptor or TokenKind.DescriptorVariable || IsRedirection(token))
            {
                redirections.Add(await ParseRedirectionAsync());
                continue;
            }

            if (token.Kind != TokenKind.Word)
            {
                if (token.IsOperator("(") && words.Count == 1 && assignments.Count == 0 && redirections.Count == 0)
                {
                    // As in bash the word might name a function: what is unexpected is what follows.
                    await NextAsync();
                    throw Unexpected(await NextAsync());
                }

                break;
            }

            if (checkAlias && token.Word!.PlainText is { } name && context.FindAlias(name) is { } alias && InsertAlias(name, alias))
            {
                _token = null;
                checkAlias = words.Count == 0 || alias.EndsWith(' ') || alias.EndsWith('\t');
                count--;
                continue;
            }

            await NextAsync();
            if (words.Count == 0 && token.Word!.Assignment is { } assignment)
            {
                assignments.Add(assignment);
            }
            else
            {
                words.Add(token.Word!);
                checkAlias = false;
            }
        }

        if (count == 1)
        {
            throw Unexpected(await PeekAsync());
        }

        _arrays = true;
        return new() { Assignments = assignments, Words = words, Redirections = redirections, Line = line == 0 ? Line : line };
    }

    private static bool IsRedirection(Token token) =>
        token.Kind == TokenKind.Operator && (token.Text[0] is '<' or '>' || token.Text.StartsWith("&>", StringComparison.Ordinal));

    private async ValueTask<IReadOnlyList<Redirection>> ParseRedirectionsAsync()
    {
        var token = await PeekAsync();
        if (token.Kind is not (TokenKind.Descriptor or TokenKind.DescriptorVariable) && !IsRedirection(token))
        {
            return [];
        }

        var redirections = new List<Redirection>();
        while (true)
        {
            token = await PeekAsync();
            if (token.Kind is not (TokenKind.Descriptor or TokenKind.DescriptorVariable) && !IsRedirection(token))
            {
                return redirections;
            }

            redirections.Add(await ParseRedirectionAsync());
        }
    }

    private async ValueTask<Redirection> ParseRedirectionAsync()
    {
        var token = await NextAsync();
        int? descriptor = null;
        string? variable = null;
        if (token.Kind == TokenKind.Descriptor)
        {
            descriptor = int.TryParse(token.Text, out var number) ? number : int.MaxValue;
            token = await NextAsync();
        }
        else if (token.Kind == TokenKind.DescriptorVariable)
        {
            variable = token.Text;
            token = await NextAsync();
        }

        var kind = token.Text switch
        {
            "<" => RedirectionKind.Input,
            ">" => RedirectionKind.Output,
            ">>" => RedirectionKind.Append,
            ">|" => RedirectionKind.Clobber,
            "<>" => RedirectionKind.ReadWrite,
            "<&" => RedirectionKind.DuplicateInput,
            ">&" => RedirectionKind.DuplicateOutput,
            "&>" => RedirectionKind.OutputAndError,
            "&>>" => RedirectionKind.AppendOutputAndError,
            "<<" or "<<-" => RedirectionKind.HereDocument,
            _ => RedirectionKind.HereString,
        };
        _arrays = false;
        var target = await PeekAsync();
        if (target.Kind == TokenKind.Descriptor)
        {
            // Digits that stand before another redirection are this one's target.
            target = target with { Kind = TokenKind.Word };
        }

        if (target.Kind != TokenKind.Word)
        {
            throw Unexpected(target);
        }

        await NextAsync();
        var redirection = new Redirection
        {
            Kind = kind,
            Descriptor = descriptor ?? (token.Text[0] == '<' ? 0 : 1),
            Explicit = descriptor is not null,
            Variable = variable,
            Target = target.Word!,
            StripTabs = token.Text == "<<-",
        };
        if (kind == RedirectionKind.HereDocument)
        {
            var quoted = target.Word!.Source.AsSpan().IndexOfAny("'\"\\") >= 0;
            _documents.Add((redirection, quoted ? QuoteRemoval.Remove(target.Word) : target.Word.Source, quoted, Line));
        }

        return redirection;
    }
}
