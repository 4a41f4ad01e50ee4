using System.Numerics;
using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Programs;

/// <summary>test and [.</summary>
internal sealed class Test(string name) : GnuProgram(name)
{
    protected override int FailureStatus => 2;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        if (Name == "[")
        {
            if (arguments.Count == 0 || arguments[^1] != "]")
            {
                throw c.Die("missing ']'");
            }
            arguments.RemoveAt(arguments.Count - 1);
        }
        var expression = new Expression(c, arguments);
        return ValueTask.FromResult(expression.Evaluate() ? 0 : 1);
    }

    private sealed class Expression(Invocation c, List<string> a)
    {
        private static readonly string[] Binary =
            ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

        private int _at;

        public bool Evaluate()
        {
            if (a.Count == 0)
            {
                return false;
            }
            // POSIX decides by the number of arguments, so that operands may look like operators.
            switch (a.Count)
            {
                case 1:
                    return a[0].Length > 0;
                case 2 when a[0] == "!":
                    return a[1].Length == 0;
                case 2 when a[0].Length != 2 || a[0][0] != '-' || !char.IsAsciiLetter(a[0][1]):
                    throw c.Die($"missing argument after {Quote.Always(a[1])}");
                case 3 when Binary.Contains(a[1]):
                    return Compare(a[0], a[1], a[2]);
                case 3 when a[0] == "(" && a[2] == ")":
                    return a[1].Length > 0;
                case 4 when a[0] == "!" && Binary.Contains(a[2]):
                    return !Compare(a[1], a[2], a[3]);
            }
            var value = Or();
            if (_at < a.Count)
            {
                throw c.Die($"extra argument {Quote.Always(a[_at])}");
            }
            return value;
        }

        private bool Or()
        {
            var value = And();
            while (_at < a.Count && a[_at] == "-o")
            {
                _at++;
                value |= And();
            }
            return value;
        }

        private bool And()
        {
            var value = Term();
            while (_at < a.Count && a[_at] == "-a")
            {
                _at++;
                value &= Term();
            }
            return value;
        }

        private bool Term()
        {
            if (_at >= a.Count)
            {
                throw c.Die($"missing argument after {Quote.Always(a[^1])}");
            }
            if (a[_at] == "!" && _at + 1 < a.Count)
            {
                _at++;
                return !Term();
            }
            if (_at + 2 < a.Count && Binary.Contains(a[_at + 1]))
            {
                _at += 3;
                return Compare(a[_at - 3], a[_at - 2], a[_at - 1]);
            }
            if (a[_at] == "(" && _at + 1 < a.Count)
            {
                _at++;
                var inner = Or();
                if (_at >= a.Count || a[_at] != ")")
                {
                    throw c.Die("')' expected");
                }
                _at++;
                return inner;
            }
            if (a[_at].Length == 2 && a[_at][0] == '-' && char.IsAsciiLetter(a[_at][1]) && _at + 1 < a.Count)
            {
                _at += 2;
                return Unary(a[_at - 2][1], a[_at - 1]);
            }
            return a[_at++].Length > 0;
        }

        private bool Compare(string left, string operation, string right) => operation switch
        {
            "=" or "==" => left == right,
            "!=" => left != right,
            "<" => string.CompareOrdinal(left, right) < 0,
            ">" => string.CompareOrdinal(left, right) > 0,
            "-eq" => Number(left) == Number(right),
            "-ne" => Number(left) != Number(right),
            "-lt" => Number(left) < Number(right),
            "-le" => Number(left) <= Number(right),
            "-gt" => Number(left) > Number(right),
            "-ge" => Number(left) >= Number(right),
            "-nt" => FilePath.TryStat(c.Process, left) is { } x && (FilePath.TryStat(c.Process, right) is not { } y || x.Modified > y.Modified),
            "-ot" => FilePath.TryStat(c.Process, right) is { } y && (FilePath.TryStat(c.Process, left) is not { } x || x.Modified < y.Modified),
            _ => FilePath.TryStat(c.Process, left) is { } x && FilePath.TryStat(c.Process, right) is { } y && FilePath.SameFile(x, y),
        };

        private BigInteger Number(string text)
        {
            var trimmed = text.Trim(' ', '\t');
            return BigInteger.TryParse(trimmed.StartsWith('+') ? trimmed[1..] : trimmed, System.Globalization.NumberStyles.AllowLeadingSign, null, out var number)
                ? number
                : throw c.Die($"invalid integer {Quote.Always(text)}");
        }

        private bool Unary(char operation, string operand)
        {
            switch (operation)
            {
                case 'n':
                    return operand.Length > 0;
                case 'z':
                    return operand.Length == 0;
                case 't':
                    return int.TryParse(operand, out var fd) && c.Process.TryGetFile(fd, out var open) && open.IsTerminal;
                case 'h' or 'L':
                    return FilePath.TryLinkStat(c.Process, operand)?.Kind == FileKind.SymbolicLink;
                case 'r':
                    return c.Process.CanAccess(operand, read: true);
                case 'w':
                    return c.Process.CanAccess(operand, write: true);
                case 'x':
                    return c.Process.CanAccess(operand, execute: true);
            }
            if (FilePath.TryStat(c.Process, operand) is not { } status)
            {
                return "aefdbcgGkNOpsSu".Contains(operation, StringComparison.Ordinal)
                    ? false
                    : throw c.Die($"'-{operation}': unary operator expected");
            }
            return operation switch
            {
                'a' or 'e' => true,
                'f' => status.Kind == FileKind.Regular,
                'd' => status.Kind == FileKind.Directory,
                'b' => status.Kind == FileKind.BlockDevice,
                'c' => status.Kind == FileKind.CharacterDevice,
                'p' => status.Kind == FileKind.Fifo,
                'S' => status.Kind == FileKind.Socket,
                's' => status.Size > 0,
                'u' => (status.Mode & 0x800) != 0,
                'g' => (status.Mode & 0x400) != 0,
                'k' => (status.Mode & 0x200) != 0,
                'O' => status.UserId == c.Process.UserId,
                'G' => status.GroupId == c.Process.PrimaryGroupId,
                'N' => status.Modified > status.Accessed,
                _ => throw c.Die($"'-{operation}': unary operator expected"),
            };
        }
    }
}
