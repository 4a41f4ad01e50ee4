using System.Text.RegularExpressions;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

internal sealed partial class AwkParser
{
    // Inside print a bare > redirects, and inside for (…) a bare "in" would end the head.
    private int _noGreater;

    private AwkNode Expression() => Ternary();

    private AwkNode Ternary()
    {
        var left = Or();
        if (Take("?"))
        {
            SkipNewLines();
            var then = Ternary();
            SkipNewLines();
            Expect(":");
            SkipNewLines();
            return new AwkConditional(left, then, Ternary());
        }
        if (Current.Kind == AwkTokenKind.Operator && Current.Text is "=" or "+=" or "-=" or "*=" or "/=" or "%=" or "^=")
        {
            return Assignment(left);
        }
        return left;
    }

    private AwkNode Assignment(AwkNode left)
    {
        // "a == b = c" and "!x = y" bind the assignment to what stands just before it.
        switch (left)
        {
            case AwkVariable or AwkField or AwkElement:
                var @operator = _tokens[_at++].Text;
                SkipNewLines();
                return new AwkAssign(left, @operator, Ternary());
            case AwkBinary binary:
                return binary with { Right = Assignment(binary.Right) };
            case AwkUnary unary:
                return unary with { Operand = Assignment(unary.Operand) };
            default:
                throw Error();
        }
    }

    private AwkNode Or()
    {
        var left = And();
        while (Take("||"))
        {
            SkipNewLines();
            left = new AwkBinary("||", left, And());
        }
        return left;
    }

    private AwkNode And()
    {
        var left = Membership();
        while (Take("&&"))
        {
            SkipNewLines();
            left = new AwkBinary("&&", left, Membership());
        }
        return left;
    }

    private AwkNode Membership()
    {
        var left = Matching();
        while (Current is { Kind: AwkTokenKind.Keyword, Text: "in" })
        {
            _at++;
            var array = Variable(Current.Text);
            _at++;
            left = new AwkMembership(left is AwkGroup group ? group.Items : [left], array);
        }
        return left;
    }

    private AwkNode Matching()
    {
        var left = Comparison();
        while (Is("~") || Is("!~"))
        {
            var @operator = _tokens[_at++].Text;
            left = new AwkBinary(@operator, left, Comparison());
        }
        return left;
    }

    private AwkNode Comparison()
    {
        var left = Concatenation();
        while (Current.Kind == AwkTokenKind.Operator && (Current.Text is "<" or "<=" or "==" or "!=" or ">=" || (Current.Text == ">" && _noGreater == 0)))
        {
            var @operator = _tokens[_at++].Text;
            left = new AwkBinary(@operator, left, Concatenation());
        }
        // "cmd" | getline binds looser than concatenation.
        while (Is("|") && _tokens[_at + 1] is { Kind: AwkTokenKind.Keyword, Text: "getline" })
        {
            _at += 2;
            left = new AwkGetline('|', left, OptionalTarget());
        }
        return left;
    }

    private AwkNode Concatenation()
    {
        var left = Additive();
        while (StartsOperand())
        {
            left = new AwkBinary(" ", left, Additive());
        }
        return left;
    }

    private bool StartsOperand() => Current.Kind switch
    {
        AwkTokenKind.Number or AwkTokenKind.Text or AwkTokenKind.Regex or AwkTokenKind.Name or AwkTokenKind.FunctionName or AwkTokenKind.BuiltIn => true,
        AwkTokenKind.Operator => Current.Text is "$" or "!" or "(" or "-" or "+" or "++" or "--",
        _ => false,
    };

    private AwkNode Additive()
    {
        var left = Multiplicative();
        while (Is("+") || Is("-"))
        {
            var @operator = _tokens[_at++].Text;
            left = new AwkBinary(@operator, left, Multiplicative());
        }
        return left;
    }

    private AwkNode Multiplicative()
    {
        var left = Unary();
        while (Is("*") || Is("/") || Is("%"))
        {
            var @operator = _tokens[_at++].Text;
            left = new AwkBinary(@operator, left, Unary());
        }
        return left;
    }

    private AwkNode Unary()
    {
        if (Is("!") || Is("-") || Is("+"))
        {
            var @operator = _tokens[_at++].Text[0];
            return new AwkUnary(@operator, Unary());
        }
        return Power();
    }

    private AwkNode Power()
    {
        var left = Postfix();
        if (Take("^"))
        {
            // Right associative, and stronger than a sign on its left only.
            var right = Is("-") || Is("+") || Is("!") ? Unary() : Power();
            return new AwkBinary("^", left, right);
        }
        return left;
    }

    private AwkNode Postfix()
    {
        var operand = Primary();
        if (operand is AwkVariable or AwkField or AwkElement && (Is("++") || Is("--")))
        {
            return new AwkIncrement(operand, _tokens[_at++].Text == "++" ? 1 : -1, false);
        }
        return operand;
    }

    private AwkNode Primary()
    {
        var token = _tokens[_at++];
        switch (token.Kind)
        {
            case AwkTokenKind.Number:
                return new AwkConstant(AwkValue.Of(token.Number));
            case AwkTokenKind.Text:
                return new AwkConstant(AwkValue.Of(token.Text));
            case AwkTokenKind.Regex:
                return new AwkRegex(Compile(_c, token.Text));
            case AwkTokenKind.BuiltIn:
                var builtIn = Is("(") ? Arguments() : token.Text == "length" ? [] : throw Error();
                return new AwkCall(token.Text, builtIn, true);
            case AwkTokenKind.FunctionName:
                _called.Add(token.Text);
                return new AwkCall(token.Text, Arguments(), false);
            case AwkTokenKind.Name:
                var variable = Variable(token.Text);
                return Take("[") ? new AwkElement(variable, Index()) : variable;
            case AwkTokenKind.Keyword when token.Text == "getline":
                var target = OptionalTarget();
                return Take("<") ? new AwkGetline('<', Postfix(), target) : new AwkGetline('\0', null, target);
            case AwkTokenKind.Operator:
                switch (token.Text)
                {
                    case "$":
                        return new AwkField(Is("++") || Is("--") ? Primary() : Is("-") ? Unary() : Primary());
                    case "++" or "--":
                        return new AwkIncrement(Primary(), token.Text == "++" ? 1 : -1, true);
                    case "(":
                        return Parenthesised();
                    case "-" or "+" or "!":
                        return new AwkUnary(token.Text[0], Unary());
                }
                break;
        }
        _at--;
        throw Error();
    }

    private AwkNode Parenthesised()
    {
        var outer = _noGreater;
        _noGreater = 0;
        SkipNewLines();
        var items = new List<AwkNode> { Expression() };
        while (Take(","))
        {
            SkipNewLines();
            items.Add(Expression());
        }
        SkipNewLines();
        Expect(")");
        _noGreater = outer;
        return items.Count == 1 ? new AwkGroup(items) : new AwkGroup(items);
    }

    private List<AwkNode> Arguments()
    {
        var outer = _noGreater;
        _noGreater = 0;
        Expect("(");
        var arguments = new List<AwkNode>();
        SkipNewLines();
        while (!Take(")"))
        {
            arguments.Add(Expression());
            SkipNewLines();
            if (!Is(")") && !Is(","))
            {
                throw Error();
            }
            if (Take(","))
            {
                SkipNewLines();
            }
        }
        _noGreater = outer;
        return arguments;
    }

    private List<AwkNode> Index()
    {
        var outer = _noGreater;
        _noGreater = 0;
        var index = new List<AwkNode> { Expression() };
        while (Take(","))
        {
            SkipNewLines();
            index.Add(Expression());
        }
        Expect("]");
        _noGreater = outer;
        return index;
    }

    private AwkNode? OptionalTarget()
    {
        if (Current.Kind == AwkTokenKind.Name || Is("$"))
        {
            return Primary();
        }
        return null;
    }

    private AwkVariable Variable(string name)
    {
        for (var i = 0; i < _locals.Count; i++)
        {
            if (_locals[i] == name)
            {
                return new AwkVariable(name, i);
            }
        }
        return new AwkVariable(name, -1);
    }

    public static Regex Compile(Invocation c, string pattern)
    {
        try
        {
            return PosixRegex.Compile(AwkRegexText.Unescape(pattern), extended: true, ignoreCase: false);
        }
        catch (PosixRegexException failure)
        {
            throw c.Die($"regular expression compile failed ({failure.Message})\n{pattern}", 2);
        }
    }
}

/// <summary>Escapes that awk has in regular expressions beyond those of POSIX.</summary>
internal static class AwkRegexText
{
    public static string Unescape(string pattern)
    {
        if (!pattern.Contains('\\', StringComparison.Ordinal))
        {
            return pattern;
        }
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '\\' || i + 1 >= pattern.Length)
            {
                text.Append(pattern[i]);
                continue;
            }
            var next = pattern[++i];
            _ = next switch
            {
                'n' => text.Append('\n'),
                't' => text.Append('\t'),
                'r' => text.Append('\r'),
                'f' => text.Append('\f'),
                'v' => text.Append('\v'),
                '"' or '/' => text.Append(next),
                _ => text.Append('\\').Append(next),
            };
        }
        return text.ToString();
    }
}
