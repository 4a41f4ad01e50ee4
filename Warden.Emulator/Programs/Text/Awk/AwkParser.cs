namespace Warden.Emulator.Programs;

/// <summary>Parses rules, functions and statements of awk; expressions are in the other part.</summary>
internal sealed partial class AwkParser
{
    private readonly Invocation _c;
    private readonly List<AwkToken> _tokens;
    private readonly Dictionary<string, AwkFunction> _functions = new(StringComparer.Ordinal);
    private readonly List<string> _called = [];
    private IReadOnlyList<string> _locals = [];
    private int _at;

    public AwkParser(Invocation c, string source)
    {
        _c = c;
        _tokens = new AwkLexer(c, source).Run();
    }

    private AwkToken Current => _tokens[_at];

    public AwkProgram Parse()
    {
        var rules = new List<AwkRule>();
        SkipTerminators();
        while (Current.Kind != AwkTokenKind.End)
        {
            if (TakeKeyword("function"))
            {
                Function();
            }
            else
            {
                rules.Add(Rule());
            }
            SkipTerminators();
        }
        if (_called.Find(n => !_functions.ContainsKey(n)) is { } missing)
        {
            throw _c.Die($"line {_tokens[^1].Line}: function {missing} never defined", 2);
        }
        return new AwkProgram(rules, _functions);
    }

    private AwkRule Rule()
    {
        if (TakeKeyword("BEGIN"))
        {
            return new AwkRule("BEGIN", null, null, Block());
        }
        if (TakeKeyword("END"))
        {
            return new AwkRule("END", null, null, Block());
        }
        AwkNode? from = null, to = null;
        if (!Is("{"))
        {
            from = Expression();
            if (Take(","))
            {
                SkipNewLines();
                to = Expression();
            }
        }
        return new AwkRule("", from, to, Is("{") ? Block() : null);
    }

    private void Function()
    {
        var name = Current.Text;
        if (Current.Kind is not (AwkTokenKind.Name or AwkTokenKind.FunctionName))
        {
            throw Error();
        }
        _at++;
        Expect("(");
        var parameters = new List<string>();
        while (!Take(")"))
        {
            parameters.Add(Current.Text);
            _at++;
            if (Take(","))
            {
                SkipNewLines();
            }
        }
        SkipNewLines();
        var function = new AwkFunction(name, parameters);
        _functions[name] = function;
        _locals = parameters;
        function.Body = Block();
        _locals = [];
    }

    private AwkNode Block()
    {
        Expect("{");
        var statements = new List<AwkNode>();
        SkipTerminators();
        while (!Take("}"))
        {
            if (Current.Kind == AwkTokenKind.End)
            {
                throw Error();
            }
            statements.Add(Statement());
            SkipTerminators();
        }
        return new AwkBlock(statements);
    }

    private AwkNode Statement()
    {
        if (Is("{"))
        {
            return Block();
        }
        if (Current.Kind != AwkTokenKind.Keyword)
        {
            return Ended(Simple());
        }
        switch (Current.Text)
        {
            case "if":
                return If();
            case "while":
                _at++;
                Expect("(");
                var test = Expression();
                Expect(")");
                return new AwkLoop(null, test, null, Take(";") ? new AwkBlock([]) : Body(), true);
            case "do":
                _at++;
                var body = Body();
                SkipTerminators();
                if (!TakeKeyword("while"))
                {
                    throw Error();
                }
                Expect("(");
                var until = Expression();
                Expect(")");
                return Ended(new AwkLoop(null, until, null, body, false));
            case "for":
                return For();
            default:
                return Ended(Simple());
        }
    }

    private AwkNode Body()
    {
        SkipNewLines();
        return Take(";") ? new AwkBlock([]) : Statement();
    }

    private AwkNode If()
    {
        _at++;
        Expect("(");
        var test = Expression();
        Expect(")");
        var then = Body();
        var mark = _at;
        SkipTerminators();
        if (TakeKeyword("else"))
        {
            return new AwkIf(test, then, Body());
        }
        _at = mark;
        return new AwkIf(test, then, null);
    }

    private AwkNode For()
    {
        _at++;
        Expect("(");
        if (Current.Kind == AwkTokenKind.Name && _tokens[_at + 1] is { Kind: AwkTokenKind.Keyword, Text: "in" }
            && _tokens[_at + 2].Kind == AwkTokenKind.Name && _tokens[_at + 3] is { Kind: AwkTokenKind.Operator, Text: ")" })
        {
            var variable = Variable(Current.Text);
            var array = Variable(_tokens[_at + 2].Text);
            _at += 4;
            return new AwkForIn(variable, array, Body());
        }
        var before = Is(";") ? null : Simple();
        Expect(";");
        SkipNewLines();
        var test = Is(";") ? null : Expression();
        Expect(";");
        SkipNewLines();
        var step = Is(")") ? null : Simple();
        Expect(")");
        return new AwkLoop(before, test, step, Body(), true);
    }

    private AwkNode Simple()
    {
        if (Current.Kind == AwkTokenKind.Keyword)
        {
            switch (Current.Text)
            {
                case "print" or "printf":
                    return Print();
                case "next" or "nextfile" or "break" or "continue":
                    return new AwkJump(_tokens[_at++].Text, null);
                case "exit" or "return":
                    var kind = _tokens[_at++].Text;
                    return new AwkJump(kind, AtEndOfStatement() ? null : Expression());
                case "delete":
                    _at++;
                    var array = Variable(Current.Text);
                    _at++;
                    return new AwkDelete(array, Take("[") ? Index() : null);
            }
        }
        return new AwkExpressionStatement(Expression());
    }

    private AwkNode Print()
    {
        var formatted = _tokens[_at++].Text == "printf";
        List<AwkNode> arguments = [];
        _noGreater++;
        if (!AtEndOfStatement() && !Is(">") && !Is(">>") && !Is("|"))
        {
            var first = Expression();
            arguments.Add(first);
            while (Take(","))
            {
                SkipNewLines();
                arguments.Add(Expression());
            }
            if (arguments is [AwkGroup group])
            {
                arguments = [.. group.Items];
            }
        }
        var redirection = Take(">") ? ">" : Take(">>") ? ">>" : Take("|") ? "|" : "";
        var target = redirection.Length == 0 ? null : Ternary();
        _noGreater--;
        return new AwkPrint(formatted, arguments, redirection, target);
    }

    private AwkNode Ended(AwkNode statement)
    {
        if (!Take(";") && !Is("}"))
        {
            if (Current.Kind != AwkTokenKind.NewLine)
            {
                throw Error();
            }
            _at++;
        }
        return statement;
    }

    private bool AtEndOfStatement() => Current.Kind is AwkTokenKind.NewLine or AwkTokenKind.End || Is(";") || Is("}");

    private bool Is(string text) => Current.Kind == AwkTokenKind.Operator && Current.Text == text;

    private bool Take(string text)
    {
        if (Is(text))
        {
            _at++;
            return true;
        }
        return false;
    }

    private bool TakeKeyword(string word)
    {
        if (Current.Kind == AwkTokenKind.Keyword && Current.Text == word)
        {
            _at++;
            return true;
        }
        return false;
    }

    private void Expect(string text)
    {
        if (!Take(text))
        {
            throw Error();
        }
        if (text is "{" or "&&" or "||")
        {
            SkipNewLines();
        }
    }

    private void SkipNewLines()
    {
        while (Current.Kind == AwkTokenKind.NewLine)
        {
            _at++;
        }
    }

    private void SkipTerminators()
    {
        while (Current.Kind == AwkTokenKind.NewLine || Is(";"))
        {
            _at++;
        }
    }

    private ProgramExit Error()
    {
        var near = Current.Kind switch { AwkTokenKind.End => "end of file", AwkTokenKind.NewLine => _at + 1 < _tokens.Count && _tokens[_at + 1].Kind == AwkTokenKind.End ? "end of file" : "end of line", _ => Current.Text };
        return _c.Die($"line {Current.Line}: syntax error at or near {near}", 2);
    }
}
