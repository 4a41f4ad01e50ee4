using System.Text;
using System.Text.RegularExpressions;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

/// <summary>Parses a script of sed.</summary>
internal sealed class SedParser(Invocation c, string script, bool extended)
{
    private readonly List<SedCommand> _commands = [];
    private readonly Stack<int> _blocks = new();
    private int _at;

    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);

    public bool FirstLineQuiet => script == "#n" || script.StartsWith("#n\n", StringComparison.Ordinal);

    public List<SedCommand> Parse()
    {
        while (true)
        {
            while (_at < script.Length && script[_at] is ' ' or '\t' or '\n' or ';')
            {
                _at++;
            }
            if (_at >= script.Length)
            {
                break;
            }
            One();
        }
        if (_blocks.Count > 0)
        {
            throw c.Die("-e expression #1, char 0: unmatched `{'");
        }
        foreach (var command in _commands)
        {
            if (command.Letter is 'b' or 't' or 'T')
            {
                command.Target = command.Text.Length == 0 ? _commands.Count
                    : _labels.TryGetValue(command.Text, out var target) ? target
                    : throw c.Die($"-e expression #1, char {script.Length}: can't find label for jump to `{command.Text}'");
            }
        }
        return _commands;
    }

    private ProgramExit Error(string message) => c.Die($"-e expression #1, char {_at}: {message}");

    private void One()
    {
        var from = Address();
        SedAddress? to = null;
        SkipBlanks();
        if (from is not null && Peek() == ',')
        {
            _at++;
            SkipBlanks();
            to = Address(second: true) ?? throw Unexpected();
            SkipBlanks();
        }
        var negated = false;
        while (Peek() == '!')
        {
            negated = true;
            _at++;
            SkipBlanks();
        }
        if (_at >= script.Length)
        {
            throw Error("missing command");
        }
        var letter = script[_at++];
        if (from is { Kind: SedAddressKind.Line, First: 0 } && to?.Kind != SedAddressKind.Regex)
        {
            throw Error("invalid usage of line address 0");
        }
        var command = new SedCommand(letter) { From = from, To = to, Negated = negated };
        Body(command);
    }

    private ProgramExit Unexpected()
    {
        _at++;
        return Error("unexpected `,'");
    }

    private void Body(SedCommand command)
    {
        switch (command.Letter)
        {
            case '#':
                if (command.From is not null)
                {
                    throw Error("comments don't accept any addresses");
                }
                _at = script.IndexOf('\n', _at) is var end && end < 0 ? script.Length : end;
                return;
            case ':':
                if (command.From is not null)
                {
                    throw Error(": doesn't want any addresses");
                }
                var label = Word(stopAtSemicolon: true);
                if (label.Length == 0)
                {
                    throw Error("\":\" lacks a label");
                }
                _labels[label] = _commands.Count;
                return;
            case '{':
                _blocks.Push(_commands.Count);
                _commands.Add(command);
                return;
            case '}':
                if (_blocks.Count == 0)
                {
                    throw Error("unexpected `}'");
                }
                if (command.From is not null)
                {
                    throw Error("} doesn't want any addresses");
                }
                _commands[_blocks.Pop()].Target = _commands.Count;
                EndOfCommand();
                return;
            case 'a' or 'i' or 'c':
                command.Text = TextArgument();
                break;
            case 'b' or 't' or 'T':
                command.Text = Word(stopAtSemicolon: true);
                break;
            case 'r' or 'w' or 'R' or 'W':
                command.Text = Word(stopAtSemicolon: false);
                if (command.Text.Length == 0)
                {
                    throw Error("missing filename in r/R/w/W commands");
                }
                break;
            case 's':
                Substitute(command);
                break;
            case 'y':
                Transliterate(command);
                break;
            case 'q' or 'Q' or 'l' or 'L':
                SkipBlanks();
                var start = _at;
                while (_at < script.Length && char.IsAsciiDigit(script[_at]))
                {
                    _at++;
                }
                command.Text = script[start.._at];
                EndOfCommand();
                break;
            case '=' or 'd' or 'D' or 'g' or 'G' or 'h' or 'H' or 'n' or 'N' or 'p' or 'P' or 'x' or 'z' or 'F':
                EndOfCommand();
                break;
            case 'e':
                command.Text = Word(stopAtSemicolon: false);
                break;
            default:
                throw Error($"unknown command: `{command.Letter}'");
        }
        _commands.Add(command);
    }

    private char Peek() => _at < script.Length ? script[_at] : '\0';

    private void SkipBlanks()
    {
        while (_at < script.Length && script[_at] is ' ' or '\t')
        {
            _at++;
        }
    }

    private void EndOfCommand()
    {
        SkipBlanks();
        if (_at < script.Length && script[_at] is not (';' or '\n' or '}' or '#'))
        {
            _at++;
            throw Error("extra characters after command");
        }
    }

    private string Word(bool stopAtSemicolon)
    {
        SkipBlanks();
        var start = _at;
        while (_at < script.Length && script[_at] != '\n' && !(stopAtSemicolon && script[_at] == ';'))
        {
            _at++;
        }
        var word = script[start.._at];
        return stopAtSemicolon ? word.TrimEnd(' ', '\t', '}') is var trimmed && trimmed.Length < word.TrimEnd().Length ? BackTo(start, word) : trimmed : word;
    }

    // "b}" ends the label before the brace.
    private string BackTo(int start, string word)
    {
        var brace = word.IndexOf('}', StringComparison.Ordinal);
        _at = start + brace;
        return word[..brace].TrimEnd();
    }

    private string TextArgument()
    {
        SkipBlanks();
        if (_at >= script.Length)
        {
            throw Error("expected \\ after `a', `c' or `i'");
        }
        if (script[_at] == '\\')
        {
            _at++;
            SkipBlanks();
            if (Peek() == '\n')
            {
                _at++;
            }
            else if (_at >= script.Length)
            {
                throw Error("expected \\ after `a', `c' or `i'");
            }
        }
        var text = new StringBuilder();
        while (_at < script.Length && script[_at] != '\n')
        {
            if (script[_at] == '\\' && _at + 1 < script.Length)
            {
                _at++;
                if (script[_at] == 't')
                {
                    text.Append('\t');
                    _at++;
                    continue;
                }
            }
            text.Append(script[_at++]);
        }
        return text.Append('\n').ToString();
    }

    private SedAddress? Address(bool second = false)
    {
        if (_at >= script.Length)
        {
            return null;
        }
        var x = script[_at];
        if (char.IsAsciiDigit(x))
        {
            var number = Number();
            SkipBlanks();
            if (Peek() == '~' && !second)
            {
                _at++;
                return new SedAddress(SedAddressKind.Step, number, Number());
            }
            return new SedAddress(SedAddressKind.Line, number);
        }
        switch (x)
        {
            case '$':
                _at++;
                return new SedAddress(SedAddressKind.Last);
            case '+' when second:
                _at++;
                return new SedAddress(SedAddressKind.Plus, Number());
            case '~' when second:
                _at++;
                return new SedAddress(SedAddressKind.Multiple, Number());
            case '/' or '\\':
                _at += x == '\\' ? 2 : 1;
                var pattern = Delimited(script[_at - 1], regex: true) ?? throw Error("unterminated address regex");
                var (ignoreCase, multiline) = (false, false);
                for (; Peek() is 'I' or 'M'; _at++)
                {
                    ignoreCase |= Peek() == 'I';
                    multiline |= Peek() == 'M';
                }
                return new SedAddress(SedAddressKind.Regex, Regex: Compile(pattern, ignoreCase, multiline));
            default:
                return null;
        }
    }

    private long Number()
    {
        var start = _at;
        while (_at < script.Length && char.IsAsciiDigit(script[_at]))
        {
            _at++;
        }
        return long.TryParse(script.AsSpan(start, _at - start), out var number) ? number : 0;
    }

    /// <summary>Reads up to the delimiter; null when it never comes. An escaped delimiter stands for itself.</summary>
    private string? Delimited(char delimiter, bool regex)
    {
        var text = new StringBuilder();
        var inSet = false;
        while (_at < script.Length)
        {
            var x = script[_at++];
            if (x == delimiter && !inSet)
            {
                return text.ToString();
            }
            if (x == '\\' && _at < script.Length && !inSet)
            {
                var next = script[_at++];
                if (next == delimiter)
                {
                    text.Append(regex && "*+?.[]^$|(){}".Contains(delimiter, StringComparison.Ordinal) ? $"[{delimiter}]" : delimiter.ToString());
                }
                else if (next == 'n' && regex)
                {
                    text.Append('\n');
                }
                else
                {
                    text.Append('\\').Append(next);
                }
                continue;
            }
            if (regex && x == '[' && !inSet)
            {
                inSet = script.IndexOf(']', Math.Min(script.Length, _at + 1)) >= 0;
                text.Append(x);
                // A ] that comes first belongs to the set.
                if (Peek() == '^')
                {
                    text.Append(script[_at++]);
                }
                if (inSet && Peek() == ']')
                {
                    text.Append(script[_at++]);
                }
                continue;
            }
            if (inSet && x == '[' && Peek() is ':' or '.' or '=')
            {
                var close = script.IndexOf(Peek() + "]", _at + 1, StringComparison.Ordinal);
                if (close > 0)
                {
                    text.Append(script, _at - 1, close + 3 - _at);
                    _at = close + 2;
                    continue;
                }
            }
            if (inSet && x == '\\' && Peek() is 'n' or 't' or ']' && regex)
            {
                if (Peek() != ']')
                {
                    text.Append(script[_at++] == 'n' ? '\n' : '\t');
                    continue;
                }
            }
            inSet &= x != ']';
            text.Append(x);
        }
        return null;
    }

    private Regex? Compile(string pattern, bool ignoreCase, bool multiline)
    {
        if (pattern.Length == 0)
        {
            return null;
        }
        try
        {
            return PosixRegex.Compile(pattern, extended, ignoreCase, multiline);
        }
        catch (PosixRegexException failure)
        {
            throw Error(failure.Message);
        }
    }

    private void Substitute(SedCommand command)
    {
        if (_at >= script.Length)
        {
            throw Error("unterminated `s' command");
        }
        var delimiter = script[_at++];
        var pattern = Delimited(delimiter, regex: true) ?? throw Error("unterminated `s' command");
        var replacement = Replacement(delimiter) ?? throw Error("unterminated `s' command");
        var (ignoreCase, multiline) = (false, false);
        while (_at < script.Length)
        {
            var x = script[_at];
            if (x is '}' or '#' or ';' or '\n')
            {
                break;
            }
            _at++;
            switch (x)
            {
                case 'g': command.Global = true; break;
                case 'p': command.Print = true; break;
                case 'i' or 'I': ignoreCase = true; break;
                case 'm' or 'M': multiline = true; break;
                case 'e': command.Evaluate = true; break;
                case ' ' or '\t': break;
                case '0': throw Error("number option to `s' command may not be zero");
                case >= '1' and <= '9':
                    _at--;
                    command.Occurrence = (int)Math.Min(int.MaxValue, Number());
                    break;
                case 'w':
                    command.OutputFile = Word(stopAtSemicolon: false);
                    break;
                default:
                    throw Error("unknown option to `s'");
            }
        }
        command.Regex = Compile(pattern, ignoreCase, multiline);
        command.Replacement = replacement;
        var groups = command.Regex?.GetGroupNumbers().Length - 1 ?? 9;
        if (replacement.Exists(p => p.Group > groups))
        {
            throw Error($"invalid reference \\{replacement.Find(p => p.Group > groups).Group} on `s' command's RHS");
        }
    }

    private List<SedPiece>? Replacement(char delimiter)
    {
        var pieces = new List<SedPiece>();
        var text = new StringBuilder();
        void Add(int group, char @case = '\0')
        {
            pieces.Add(new SedPiece(text.ToString(), -1, '\0'));
            pieces.Add(new SedPiece("", group, @case));
            text.Clear();
        }
        while (_at < script.Length)
        {
            var x = script[_at++];
            if (x == delimiter)
            {
                pieces.Add(new SedPiece(text.ToString(), -1, '\0'));
                return pieces;
            }
            if (x == '&')
            {
                Add(0);
                continue;
            }
            if (x != '\\' || _at >= script.Length)
            {
                text.Append(x);
                continue;
            }
            x = script[_at++];
            switch (x)
            {
                case >= '0' and <= '9':
                    Add(x - '0');
                    break;
                case 'n':
                    text.Append(delimiter == 'n' ? 'n' : '\n');
                    break;
                case 't': text.Append('\t'); break;
                case 'r': text.Append('\r'); break;
                case 'a': text.Append('\a'); break;
                case 'f': text.Append('\f'); break;
                case 'v': text.Append('\v'); break;
                case 'L' or 'U' or 'l' or 'u' or 'E':
                    Add(-1, x);
                    break;
                case 'x' when _at + 1 < script.Length && char.IsAsciiHexDigit(script[_at]):
                    var digits = char.IsAsciiHexDigit(script[_at + 1]) ? 2 : 1;
                    text.Append((char)Convert.ToInt32(script.Substring(_at, digits), 16));
                    _at += digits;
                    break;
                default:
                    text.Append(x);
                    break;
            }
        }
        return null;
    }

    private void Transliterate(SedCommand command)
    {
        if (_at >= script.Length)
        {
            throw Error("unterminated `y' command");
        }
        var delimiter = script[_at++];
        var from = Unescape(Delimited(delimiter, regex: false) ?? throw Error("unterminated `y' command"));
        var to = Unescape(Delimited(delimiter, regex: false) ?? throw Error("unterminated `y' command"));
        if (from.Length != to.Length)
        {
            throw Error("strings for `y' command are different lengths");
        }
        var table = new char[256];
        for (var i = 0; i < 256; i++)
        {
            table[i] = from.IndexOf((char)i, StringComparison.Ordinal) is var at && at >= 0 ? to[at] : (char)i;
        }
        command.Table = new string(table);
        EndOfCommand();
    }

    private static string Unescape(string text) =>
        text.Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace('\0', '\\');
}
