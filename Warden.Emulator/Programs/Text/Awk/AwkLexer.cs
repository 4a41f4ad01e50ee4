using System.Globalization;
using System.Text;

namespace Warden.Emulator.Programs;

/// <summary>Kinds of tokens of awk.</summary>
internal enum AwkTokenKind
{
    End,
    NewLine,
    Number,
    Text,
    Regex,
    Name,
    FunctionName,
    Keyword,
    BuiltIn,
    Operator,
}

internal readonly record struct AwkToken(AwkTokenKind Kind, string Text, double Number, int Line);

/// <summary>Cuts the text of an awk program into tokens.</summary>
internal sealed class AwkLexer(Invocation c, string source)
{
    private static readonly string[] Keywords =
        ["BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next", "nextfile", "exit", "return", "delete", "in", "getline", "print", "printf"];

    private static readonly string[] BuiltIns =
        ["length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp", "log", "sqrt", "int", "rand", "srand",
            "tolower", "toupper", "system", "close", "fflush", "systime", "strftime", "mktime", "gensub"];

    private static readonly string[] Operators =
        ["**=", "**", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>", "{", "}", "(", ")", "[", "]", ";", ",", "+",
            "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "="];

    private int _at;
    private int _line = 1;

    public List<AwkToken> Tokens { get; } = [];

    public List<AwkToken> Run()
    {
        while (true)
        {
            SkipBlanks();
            if (_at >= source.Length)
            {
                Add(AwkTokenKind.NewLine, "\n");
                Add(AwkTokenKind.End, "");
                return Tokens;
            }
            One();
        }
    }

    private void Add(AwkTokenKind kind, string text, double number = 0) => Tokens.Add(new AwkToken(kind, text, number, _line));

    private void SkipBlanks()
    {
        while (_at < source.Length)
        {
            if (source[_at] is ' ' or '\t' or '\r')
            {
                _at++;
            }
            else if (source[_at] == '\\' && _at + 1 < source.Length && source[_at + 1] == '\n')
            {
                _at += 2;
                _line++;
            }
            else if (source[_at] == '#')
            {
                while (_at < source.Length && source[_at] != '\n')
                {
                    _at++;
                }
            }
            else
            {
                return;
            }
        }
    }

    private void One()
    {
        var x = source[_at];
        if (x == '\n')
        {
            Add(AwkTokenKind.NewLine, "\n");
            _at++;
            _line++;
        }
        else if (x == '"')
        {
            Add(AwkTokenKind.Text, Quoted());
        }
        else if (char.IsAsciiDigit(x) || (x == '.' && _at + 1 < source.Length && char.IsAsciiDigit(source[_at + 1])))
        {
            Number();
        }
        else if (char.IsAsciiLetter(x) || x == '_')
        {
            Word();
        }
        else if (x == '/' && RegexMayStart())
        {
            Add(AwkTokenKind.Regex, RegexText());
        }
        else
        {
            var found = Array.Find(Operators, o => string.CompareOrdinal(source, _at, o, 0, o.Length) == 0)
                ?? throw c.Die($"line {_line}: syntax error at or near {x}", 2);
            _at += found.Length;
            Add(AwkTokenKind.Operator, found switch { "**" => "^", "**=" => "^=", _ => found });
        }
    }

    // After an operand a slash divides.
    private bool RegexMayStart() => Tokens.Count == 0 || Tokens[^1] is not
        ({ Kind: AwkTokenKind.Number or AwkTokenKind.Text or AwkTokenKind.Name or AwkTokenKind.BuiltIn } or { Kind: AwkTokenKind.Operator, Text: ")" or "]" or "$" or "++" or "--" });

    private void Number()
    {
        var (value, length) = Numbers.ParseReal(source[_at..Math.Min(source.Length, _at + 64)]);
        if (source[_at] == '0' && _at + 1 < source.Length && source[_at + 1] is 'x' or 'X')
        {
            (value, length) = (0, 1);
        }
        Add(AwkTokenKind.Number, source.Substring(_at, length), value);
        _at += length;
    }

    private void Word()
    {
        var start = _at;
        while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] == '_'))
        {
            _at++;
        }
        var word = source[start.._at];
        var kind = Keywords.Contains(word) ? AwkTokenKind.Keyword
            : BuiltIns.Contains(word) ? AwkTokenKind.BuiltIn
            : _at < source.Length && source[_at] == '(' ? AwkTokenKind.FunctionName
            : AwkTokenKind.Name;
        Add(kind, word == "func" ? "function" : word);
    }

    private string RegexText()
    {
        var text = new StringBuilder();
        var inSet = false;
        for (_at++; _at < source.Length && source[_at] != '\n'; _at++)
        {
            var x = source[_at];
            if (x == '/' && !inSet)
            {
                _at++;
                return text.ToString();
            }
            if (x == '\\' && _at + 1 < source.Length)
            {
                var next = source[++_at];
                text.Append(next == '/' ? "/" : "\\" + next);
                continue;
            }
            if (x == '[' && !inSet)
            {
                inSet = true;
                text.Append(x);
                if (_at + 1 < source.Length && source[_at + 1] == '^')
                {
                    text.Append(source[++_at]);
                }
                if (_at + 1 < source.Length && source[_at + 1] == ']')
                {
                    text.Append(source[++_at]);
                }
                continue;
            }
            inSet &= x != ']';
            text.Append(x);
        }
        throw c.Die($"line {_line}: regular expression not terminated", 2);
    }

    private string Quoted()
    {
        var text = new StringBuilder();
        for (_at++; _at < source.Length && source[_at] != '"';)
        {
            if (source[_at] == '\n')
            {
                break;
            }
            if (source[_at] != '\\' || _at + 1 >= source.Length)
            {
                text.Append(source[_at++]);
                continue;
            }
            _at++;
            Unescape(text);
        }
        if (_at >= source.Length || source[_at] != '"')
        {
            throw c.Die($"line {_line}: runaway string constant \"{text}", 2);
        }
        _at++;
        return text.ToString();
    }

    private void Unescape(StringBuilder text)
    {
        var x = source[_at++];
        switch (x)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '"' or '/' or '\\': text.Append(x); break;
            case '\n': _line++; break;
            case >= '0' and <= '7':
                var start = _at - 1;
                while (_at < source.Length && _at < start + 3 && source[_at] is >= '0' and <= '7')
                {
                    _at++;
                }
                text.Append((char)(Convert.ToInt32(source[start.._at], 8) & 0xFF));
                break;
            case 'x' when _at < source.Length && char.IsAsciiHexDigit(source[_at]):
                var length = _at + 1 < source.Length && char.IsAsciiHexDigit(source[_at + 1]) ? 2 : 1;
                text.Append((char)int.Parse(source.AsSpan(_at, length), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                _at += length;
                break;
            default: text.Append('\\').Append(x); break;
        }
    }

    /// <summary>Escapes in -v and operands are those of strings.</summary>
    public static string Unescape(Invocation c, string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }
        var lexer = new AwkLexer(c, text);
        var output = new StringBuilder();
        while (lexer._at < text.Length)
        {
            if (text[lexer._at] == '\\' && lexer._at + 1 < text.Length)
            {
                lexer._at++;
                lexer.Unescape(output);
            }
            else
            {
                output.Append(text[lexer._at++]);
            }
        }
        return output.ToString();
    }
}
