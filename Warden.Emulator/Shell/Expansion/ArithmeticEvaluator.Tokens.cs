using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>The tokens of arithmetic.</summary>
internal sealed partial class ArithmeticEvaluator
{
    private static readonly string[] OperatorTable =
    [
        "<<=", ">>=", "**", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=",
        "+", "-", "*", "/", "%", "<", ">", "=", "!", "~", "&", "|", "^", "?", ":", ",", "(", ")",
    ];

    private int _at;
    private int _start;
    private int _previousStart;
    private Kind _kind;
    private string _operator = "";
    private long _number;
    private string _name = "";
    private string? _subscript;
    private (string Name, string? Subscript)? _lastValue;
    private bool _evaluating = true;

    private enum Kind
    {
        End, Number, Name, Operator,
    }

    private bool IsOperator(string text) => _kind == Kind.Operator && _operator == text;

    private bool Accept(string text)
    {
        if (!IsOperator(text))
        {
            return false;
        }

        Next();
        _lastValue = null;
        return true;
    }

    private void Next()
    {
        _previousStart = _start;
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\n')
        {
            _at++;
        }

        _start = _at;
        if (_at >= _text.Length)
        {
            _kind = Kind.End;
            return;
        }

        var c = _text[_at];
        if (Names.IsNameStart(c))
        {
            ReadName();
            return;
        }

        if (char.IsAsciiDigit(c))
        {
            ReadNumber();
            return;
        }

        foreach (var candidate in OperatorTable)
        {
            if (string.CompareOrdinal(_text, _at, candidate, 0, candidate.Length) == 0)
            {
                // "++" and "--" belong to a name before or after them; else they are two signs.
                if (candidate is "++" or "--" && _kind != Kind.Name && !NameFollows(_at + 2))
                {
                    continue;
                }

                _kind = Kind.Operator;
                _operator = candidate;
                _at += candidate.Length;
                return;
            }
        }

        throw Error("syntax error: operand expected");
    }

    private bool NameFollows(int at)
    {
        while (at < _text.Length && _text[at] is ' ' or '\t')
        {
            at++;
        }

        return at < _text.Length && Names.IsNameStart(_text[at]);
    }

    private void ReadName()
    {
        var start = _at;
        while (_at < _text.Length && Names.IsNameCharacter(_text[_at]))
        {
            _at++;
        }

        _kind = Kind.Name;
        _name = _text[start.._at];
        _subscript = null;
        if (_at < _text.Length && _text[_at] == '[')
        {
            var depth = 0;
            for (var i = _at; i < _text.Length; i++)
            {
                depth += _text[i] == '[' ? 1 : _text[i] == ']' ? -1 : 0;
                if (depth == 0)
                {
                    _subscript = _text[(_at + 1)..i];
                    _at = i + 1;
                    return;
                }
            }

            throw Error("bad array subscript");
        }
    }

    private void ReadNumber()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '#' or '@' or '_'))
        {
            _at++;
        }

        _kind = Kind.Number;
        _number = ParseNumber(_text[start.._at]);
    }

    private long ParseNumber(string token)
    {
        var digits = token;
        var radix = 10;
        var hash = token.IndexOf('#', StringComparison.Ordinal);
        if (hash > 0)
        {
            if (!int.TryParse(token[..hash], out radix) || radix is < 2 or > 64)
            {
                throw Error("invalid arithmetic base");
            }

            digits = token[(hash + 1)..];
            if (digits.Length == 0)
            {
                throw Error("invalid integer constant");
            }
        }
        else if (token.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = token[2..];
        }
        else if (token.Length > 1 && token[0] == '0')
        {
            radix = 8;
            digits = token[1..];
        }

        var value = 0L;
        foreach (var c in digits)
        {
            var digit = Digit(c, radix);
            if (digit < 0 || digit >= radix)
            {
                throw Error("value too great for base");
            }

            value = unchecked((value * radix) + digit);
        }

        return value;
    }

    private static int Digit(char c, int radix) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + (radix <= 36 ? 10 : 36),
        '@' => 62,
        '_' => 63,
        _ => -1,
    };
}
