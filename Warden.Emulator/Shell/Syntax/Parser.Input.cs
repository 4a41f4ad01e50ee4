using System.Text;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>
/// Parses a script, a complete command at a time, and asks its source for a line only when the command needs it: what a command reads
/// from the same standard input are the lines after it.
/// </summary>
internal sealed partial class Parser(IScriptSource source, IParserContext context)
{
    private readonly StringBuilder _raw = new();
    private readonly List<(string Name, int Remaining)> _aliases = [];
    private string _text = "";
    private string _lineText = "";
    private int _at;
    private bool _ended;
    private int _marks;
    private int _captures;

    /// <summary>Lines taken from the source so far.</summary>
    public int Line { get; set; }

    /// <summary>Whether the whole text counts as of one line, as that of a here-document does.</summary>
    public bool KeepsLine { get; init; }

    /// <summary>Whether a character is there, taking the next line where needed.</summary>
    private ValueTask<bool> FillAsync() => _at < _text.Length ? new(true) : FillLineAsync();

    private async ValueTask<bool> FillLineAsync()
    {
        if (_ended)
        {
            return false;
        }

        var line = await source.ReadLineAsync();
        if (line is null)
        {
            _ended = true;
            return false;
        }

        if (!KeepsLine)
        {
            Line++;
        }

        _lineText = line;
        if (_marks > 0)
        {
            _text += line;
        }
        else
        {
            // Everything before is consumed, so that a long construct does not keep its text.
            _text = line;
            _at = 0;
            _aliases.Clear();
        }

        return true;
    }

    private char Take()
    {
        var c = _text[_at++];
        if (_captures > 0)
        {
            _raw.Append(c);
        }

        return c;
    }

    /// <summary>The next character, -1 at the end; a backslash before a newline joins two lines.</summary>
    private ValueTask<int> PeekCharAsync() =>
        _at < _text.Length && _text[_at] != '\\' ? new(_text[_at]) : PeekCharSlowAsync();

    private async ValueTask<int> PeekCharSlowAsync()
    {
        while (await FillAsync())
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length && _text[_at + 1] == '\n')
            {
                _at += 2;
                continue;
            }

            return _text[_at];
        }

        return -1;
    }

    /// <summary>The character after the next one on the same line; -1 when there is none.</summary>
    private int Following => _at + 1 < _text.Length ? _text[_at + 1] : -1;

    private int BeginCapture()
    {
        _captures++;
        return _raw.Length;
    }

    private string EndCapture(int start)
    {
        var text = _raw.ToString(start, _raw.Length - start);
        if (--_captures == 0)
        {
            _raw.Clear();
        }

        return text;
    }

    private readonly record struct Mark(int At, int Raw, int Line);

    private Mark SetMark()
    {
        _marks++;
        return new(_at, _raw.Length, Line);
    }

    private void DropMark() => _marks--;

    private void ReturnTo(Mark mark)
    {
        _marks--;
        _at = mark.At;
        _raw.Length = mark.Raw;
    }

    private bool InsertAlias(string name, string value)
    {
        var remaining = _text.Length - _at;
        _aliases.RemoveAll(alias => remaining < alias.Remaining);
        if (_aliases.Exists(alias => alias.Name == name))
        {
            return false;
        }

        _aliases.Add((name, remaining));
        _text = value + _text[_at..];
        _at = 0;
        return true;
    }

    private static SyntaxErrorException Unmatched(char delimiter, int line, int status = 2) =>
        new(line, $"unexpected EOF while looking for matching `{delimiter}'", null) { Status = status };

    private SyntaxErrorException Unexpected(Token token, int status = 2)
    {
        if (token.Kind == TokenKind.End)
        {
            return new(Line + 1, "syntax error: unexpected end of file", null);
        }

        var text = token.Kind == TokenKind.Newline ? "newline" : token.Text;
        return new(Line, $"syntax error near unexpected token `{text}'", _lineText.TrimEnd('\n')) { Status = status };
    }

    // Nesting deeper than the stack goes on from a fresh one.
    private static ValueTask GuardStackAsync() =>
        System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack() ? default : YieldAsync();

    private static async ValueTask YieldAsync() => await Task.Yield();
}
