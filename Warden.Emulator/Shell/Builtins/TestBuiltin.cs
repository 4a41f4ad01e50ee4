using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>test and [.</summary>
internal sealed class TestBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var arguments = call.Arguments.Skip(1).ToList();
        if (name == "[")
        {
            if (arguments.Count == 0 || arguments[^1] != "]")
            {
                return await call.FailAsync("missing `]'", 2);
            }

            arguments.RemoveAt(arguments.Count - 1);
        }

        try
        {
            return new TestExpression(call.Shell, arguments).Evaluate() ? 0 : 1;
        }
        catch (TestSyntaxException error)
        {
            return await call.FailAsync(error.Message, 2);
        }
    }
}

/// <summary>An expression of test that is none.</summary>
internal sealed class TestSyntaxException(string message) : Exception(message);

/// <summary>An expression of test: up to four arguments by POSIX's rules, more of them by precedence.</summary>
internal sealed class TestExpression(Interpreter shell, List<string> arguments)
{
    private int _at;

    public bool Evaluate() => Evaluate(arguments);

    private bool Evaluate(List<string> words)
    {
        switch (words.Count)
        {
            case 0:
                return false;
            case 1:
                return words[0].Length > 0;
            case 2:
                return Two(words);
            case 3:
                return Three(words);
            case 4 when words[0] == "!":
                return !Three(words[1..]);
            case 4 when words[0] == "(" && words[3] == ")":
                return Two(words[1..3]);
        }

        _at = 0;
        var result = Or();
        if (_at < arguments.Count)
        {
            throw new TestSyntaxException("too many arguments");
        }

        return result;
    }

    private bool Two(List<string> words)
    {
        if (words[0] == "!")
        {
            return words[1].Length == 0;
        }

        if (TestOperators.IsUnary(words[0]))
        {
            return Unary(words[0], words[1]);
        }

        throw new TestSyntaxException($"{words[0]}: unary operator expected");
    }

    private bool Three(List<string> words)
    {
        if (TestOperators.IsBinary(words[1]))
        {
            return Binary(words[0], words[1], words[2]);
        }

        if (words[1] is "-a" or "-o")
        {
            return words[1] == "-a" ? words[0].Length > 0 && words[2].Length > 0 : words[0].Length > 0 || words[2].Length > 0;
        }

        if (words[0] == "!")
        {
            return !Two(words[1..]);
        }

        if (words[0] == "(" && words[2] == ")")
        {
            return words[1].Length > 0;
        }

        throw new TestSyntaxException($"{words[1]}: binary operator expected");
    }

    private bool Or()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var result = And();
        while (_at < arguments.Count && arguments[_at] == "-o")
        {
            _at++;
            result |= And();
        }

        return result;
    }

    private bool And()
    {
        var result = Term();
        while (_at < arguments.Count && arguments[_at] == "-a")
        {
            _at++;
            result &= Term();
        }

        return result;
    }

    private bool Term()
    {
        if (_at >= arguments.Count)
        {
            throw new TestSyntaxException("argument expected");
        }

        var word = arguments[_at];
        if (word == "!")
        {
            _at++;
            return !Term();
        }

        if (word == "(")
        {
            _at++;
            var inner = Or();
            if (_at >= arguments.Count || arguments[_at] != ")")
            {
                throw new TestSyntaxException("`)' expected");
            }

            _at++;
            return inner;
        }

        if (_at + 2 < arguments.Count && TestOperators.IsBinary(arguments[_at + 1]))
        {
            _at += 3;
            return Binary(word, arguments[_at - 2], arguments[_at - 1]);
        }

        if (TestOperators.IsUnary(word) && _at + 1 < arguments.Count)
        {
            _at += 2;
            return Unary(word, arguments[_at - 1]);
        }

        _at++;
        return word.Length > 0;
    }

    private bool Unary(string operation, string operand)
    {
        if (operation == "-t" && !long.TryParse(operand, out _))
        {
            throw new TestSyntaxException($"{operand}: integer expression expected");
        }

        return TestOperators.Unary(shell, operation, operand);
    }

    private bool Binary(string left, string operation, string right) =>
        operation is "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge"
            ? TestOperators.Compare(operation, Integer(left), Integer(right))
            : TestOperators.Binary(shell, left, operation, right);

    private static long Integer(string text)
    {
        var trimmed = text.Trim(' ', '\t', '\n');
        return long.TryParse(trimmed, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new TestSyntaxException($"{text}: integer expression expected");
    }
}
