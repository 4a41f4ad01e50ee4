using System.Numerics;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

internal sealed class Expr() : GnuProgram("expr")
{
    protected override int FailureStatus => 2;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        if (arguments.Count == 1 && arguments[0] is "--help" or "--version")
        {
            c.Options("");
        }
        if (arguments.Count > 0 && arguments[0] == "--")
        {
            arguments.RemoveAt(0);
        }
        if (arguments.Count == 0)
        {
            throw c.MissingOperand();
        }
        var value = new Parser(c, arguments).Parse();
        c.WriteLine(value);
        return ValueTask.FromResult(IsNull(value) ? 1 : 0);
    }

    private static bool IsNull(string value) => value.Length == 0 || (value.TrimStart('-') is { Length: > 0 } digits && digits.All(x => x == '0') && !value.StartsWith("--", StringComparison.Ordinal));

    private sealed class Parser(Invocation c, List<string> words)
    {
        private int _at;

        public string Parse()
        {
            var value = Or();
            return _at == words.Count ? value : throw c.Die($"syntax error: unexpected argument {Quote.Locale(words[_at])}");
        }

        private bool Take(params ReadOnlySpan<string> operators)
        {
            if (_at < words.Count && operators.Contains(words[_at]))
            {
                _at++;
                return true;
            }
            return false;
        }

        private string Or()
        {
            var left = And();
            while (Take("|"))
            {
                var right = And();
                left = !IsNull(left) ? left : IsNull(right) ? "0" : right;
            }
            return left;
        }

        private string And()
        {
            var left = Comparison();
            while (Take("&"))
            {
                var right = Comparison();
                left = IsNull(left) || IsNull(right) ? "0" : left;
            }
            return left;
        }

        private string Comparison()
        {
            var left = Sum();
            while (Take("<", "<=", "=", "==", "!=", ">=", ">"))
            {
                var @operator = words[_at - 1];
                var right = Sum();
                var order = TryNumber(left, out var a) && TryNumber(right, out var b) ? a.CompareTo(b) : string.CompareOrdinal(left, right);
                var holds = @operator switch { "<" => order < 0, "<=" => order <= 0, "=" or "==" => order == 0, "!=" => order != 0, ">=" => order >= 0, _ => order > 0 };
                left = holds ? "1" : "0";
            }
            return left;
        }

        private string Sum()
        {
            var left = Product();
            while (Take("+", "-"))
            {
                var minus = words[_at - 1] == "-";
                var right = Number(Product());
                left = (minus ? Number(left) - right : Number(left) + right).ToString();
            }
            return left;
        }

        private string Product()
        {
            var left = Match();
            while (Take("*", "/", "%"))
            {
                var @operator = words[_at - 1];
                var (a, b) = (left, Match());
                var (x, y) = (Number(a), Number(b));
                if (@operator != "*" && y.IsZero)
                {
                    throw c.Die("division by zero");
                }
                left = (@operator switch { "*" => x * y, "/" => BigInteger.Divide(x, y), _ => BigInteger.Remainder(x, y) }).ToString();
            }
            return left;
        }

        private string Match()
        {
            var left = Function();
            while (Take(":"))
            {
                left = Matched(left, Function());
            }
            return left;
        }

        private string Function()
        {
            if (_at + 1 < words.Count)
            {
                switch (words[_at])
                {
                    case "+":
                        _at += 2;
                        return words[_at - 1];
                    case "length":
                        _at++;
                        return Function().Length.ToString();
                    case "match":
                        _at++;
                        var text = Function();
                        return Matched(text, Function());
                    case "index":
                        _at++;
                        var subject = Function();
                        return (subject.AsSpan().IndexOfAny(Function()) + 1).ToString();
                    case "substr":
                        _at++;
                        var whole = Function();
                        var (from, length) = (Function(), Function());
                        if (!TryNumber(from, out var start) || !TryNumber(length, out var count) || start < 1 || count < 1 || start > whole.Length)
                        {
                            return "";
                        }
                        return whole.Substring((int)start - 1, (int)BigInteger.Min(count, whole.Length - (start - 1)));
                }
            }
            return Primary();
        }

        private string Primary()
        {
            if (_at >= words.Count)
            {
                throw c.Die($"syntax error: missing argument after {Quote.Locale(words[^1])}");
            }
            if (Take("("))
            {
                var value = Or();
                if (!Take(")"))
                {
                    throw c.Die(_at >= words.Count ? $"syntax error: expecting ')' after {Quote.Locale(words[^1])}" : $"syntax error: expecting ')' instead of {Quote.Locale(words[_at])}");
                }
                return value;
            }
            if (words[_at] == ")")
            {
                throw c.Die("syntax error: unexpected ')'");
            }
            return words[_at++];
        }

        private string Matched(string text, string pattern)
        {
            try
            {
                var regex = PosixRegex.Compile("^" + pattern, extended: false, ignoreCase: false);
                var match = regex.Match(text);
                var hasGroup = regex.GetGroupNumbers().Length > 1;
                return hasGroup ? match.Groups[1].Value : match.Success ? match.Length.ToString() : "0";
            }
            catch (PosixRegexException failure)
            {
                throw c.Die(failure.Message);
            }
        }

        private static bool TryNumber(string text, out BigInteger number)
        {
            number = default;
            return text.Length > 0 && (char.IsAsciiDigit(text[^1])) && BigInteger.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out number) && text[0] != '+';
        }

        private BigInteger Number(string text) => TryNumber(text, out var number) ? number : throw c.Die("non-integer argument");
    }
}
