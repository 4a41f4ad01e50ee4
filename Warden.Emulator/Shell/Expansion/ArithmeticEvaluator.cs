namespace Warden.Emulator.Shell.Expansion;

/// <summary>Arithmetic in 64 bits: C's operators with ** and bases (bash(1), ARITHMETIC EVALUATION).</summary>
internal sealed partial class ArithmeticEvaluator
{
    private const int DeepestRecursion = 1024;
    private readonly string _text;
    private readonly IArithmeticVariables _variables;
    private readonly int _depth;

    private ArithmeticEvaluator(string text, IArithmeticVariables variables, int depth)
    {
        _text = text;
        _variables = variables;
        _depth = depth;
    }

    /// <summary>Evaluates an expression; an empty one is 0.</summary>
    /// <exception cref="ArithmeticErrorException">It is malformed or divides by 0.</exception>
    public static long Evaluate(string text, IArithmeticVariables variables) => Evaluate(text, variables, 0);

    private static long Evaluate(string text, IArithmeticVariables variables, int depth)
    {
        // Most are plain decimal numbers.
        if (text.Length is > 0 and < 18 && (text.Length == 1 || text[0] != '0') && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return long.Parse(text);
        }

        if (depth > DeepestRecursion)
        {
            throw new ArithmeticErrorException($"{text}: expression recursion level exceeded (error token is \"{text}\")");
        }

        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return new ArithmeticEvaluator(text.TrimStart(), variables, depth).Run();
    }

    private long Run()
    {
        Next();
        if (_kind == Kind.End)
        {
            return 0;
        }

        var value = Comma();
        if (_kind != Kind.End)
        {
            throw Error("syntax error in expression");
        }

        return value;
    }

    private ArithmeticErrorException Error(string message) =>
        new($"{_text}: {message} (error token is \"{_text[(_kind == Kind.End ? _previousStart : _start)..]}\")");

    private long Comma()
    {
        var value = Assignment();
        while (Accept(","))
        {
            value = Assignment();
        }

        return value;
    }

    private long Assignment()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = Conditional();
        if (_kind != Kind.Operator || _operator is not ("=" or "+=" or "-=" or "*=" or "/=" or "%=" or "<<=" or ">>=" or "&=" or "^=" or "|="))
        {
            return value;
        }

        var target = _lastValue;
        if (target is null)
        {
            throw Error("attempted assignment to non-variable");
        }

        var operation = _operator;
        Next();
        var right = Assignment();
        var result = operation == "=" ? right : Apply(operation[..^1], _evaluating ? value : 1, _evaluating ? right : 1);
        Write(target.Value, result);
        _lastValue = null;
        return result;
    }

    private long Conditional()
    {
        var test = Binary(0);
        if (!IsOperator("?"))
        {
            return test;
        }

        Next();
        if (_kind == Kind.End || IsOperator(":"))
        {
            throw Error("expression expected");
        }

        var outer = _evaluating;
        _evaluating = outer && test != 0;
        var yes = Comma();
        if (!IsOperator(":"))
        {
            _evaluating = outer;
            throw Error("`:' expected for conditional expression");
        }

        Next();
        if (_kind == Kind.End)
        {
            throw Error("expression expected");
        }

        _evaluating = outer && test == 0;
        var no = Conditional();
        _evaluating = outer;
        _lastValue = null;
        return test != 0 ? yes : no;
    }

    private static readonly string[][] Levels =
        [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    private long Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Power();
        }

        var left = Binary(level + 1);
        while (_kind == Kind.Operator && Array.IndexOf(Levels[level], _operator) >= 0)
        {
            var operation = _operator;
            Next();
            var outer = _evaluating;
            if (level < 2)
            {
                _evaluating = outer && (left != 0) == (level == 1);
            }

            var rightStart = _start;
            var right = Binary(level + 1);
            _evaluating = outer;
            _lastValue = null;
            if (operation is "/" or "%" && right == 0 && _evaluating)
            {
                throw new ArithmeticErrorException($"{_text}: division by 0 (error token is \"{_text[rightStart..]}\")");
            }

            left = operation switch
            {
                "||" => left != 0 || right != 0 ? 1 : 0,
                "&&" => left != 0 && right != 0 ? 1 : 0,
                _ => Apply(operation, left, _evaluating || right != 0 ? right : 1),
            };
        }

        return left;
    }

    private long Power()
    {
        var value = Unary();
        if (!IsOperator("**"))
        {
            return value;
        }

        Next();
        var exponent = Power();
        _lastValue = null;
        if (exponent < 0)
        {
            throw Error("exponent less than 0");
        }

        var result = 1L;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                result = unchecked(result * value);
            }

            value = unchecked(value * value);
        }

        return result;
    }

    private long Unary()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_kind == Kind.Operator)
        {
            switch (_operator)
            {
                case "!":
                    Next();
                    return Plain(Unary() == 0 ? 1 : 0);
                case "~":
                    Next();
                    return Plain(~Unary());
                case "-":
                    Next();
                    return Plain(unchecked(-Unary()));
                case "+":
                    Next();
                    return Plain(Unary());
                case "++" or "--":
                    var change = _operator == "++" ? 1 : -1;
                    Next();
                    if (_kind != Kind.Name)
                    {
                        // Not before a name these are two signs.
                        return Plain(Unary());
                    }

                    var target = (_name, _subscript);
                    var value = unchecked(Read(target) + change);
                    Write(target, value);
                    Next();
                    return Plain(value);
            }
        }

        return Primary();
    }

    private long Plain(long value)
    {
        _lastValue = null;
        return value;
    }

    private long Primary()
    {
        switch (_kind)
        {
            case Kind.Number:
                var number = _number;
                Next();
                return Plain(number);
            case Kind.Name:
                var target = (_name, _subscript);
                Next();
                if (_kind == Kind.Operator && _operator is "++" or "--")
                {
                    var old = Read(target);
                    Write(target, unchecked(old + (_operator == "++" ? 1 : -1)));
                    Next();
                    return Plain(old);
                }

                var value = IsOperator("=") ? 0 : Read(target);
                _lastValue = target;
                return value;
            case Kind.Operator when _operator == "(":
                Next();
                var inner = Comma();
                if (!IsOperator(")"))
                {
                    throw Error("missing `)'");
                }

                Next();
                return Plain(inner);
            default:
                throw Error("syntax error: operand expected");
        }
    }

    private long Read((string Name, string? Subscript) target)
    {
        if (!_evaluating)
        {
            return 0;
        }

        var value = _variables.Read(target.Name, target.Subscript);
        if (value is null && _variables.UnsetIsError)
        {
            throw new ShellErrorException($"{target.Name}: unbound variable", ErrorReach.Exit);
        }

        return string.IsNullOrEmpty(value) ? 0 : Evaluate(value, _variables, _depth + 1);
    }

    private void Write((string Name, string? Subscript) target, long value)
    {
        if (_evaluating)
        {
            _variables.Write(target.Name, target.Subscript, value);
        }
    }

    private long Apply(string operation, long left, long right) => unchecked(operation switch
    {
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => left == right ? 1 : 0,
        "!=" => left != right ? 1 : 0,
        "<" => left < right ? 1 : 0,
        "<=" => left <= right ? 1 : 0,
        ">" => left > right ? 1 : 0,
        ">=" => left >= right ? 1 : 0,
        "<<" => left << (int)(right & 63),
        ">>" => left >> (int)(right & 63),
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => right == 0 ? throw Error("division by 0") : right == -1 ? -left : left / right,
        _ => right == 0 ? throw Error("division by 0") : right == -1 ? 0 : left % right,
    });
}
