using System.Text;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>A field of an expanded word, and the pattern it is when it has unquoted special characters.</summary>
internal readonly record struct Field(string Text, string? Pattern);

/// <summary>Collects what a word expands to and splits it into fields (bash(1), Word Splitting).</summary>
/// <param name="separators">IFS; null collects into one field.</param>
/// <param name="joiner">What stands between the parameters of "$@" where nothing is split.</param>
/// <param name="extended">Whether extended patterns are seen.</param>
internal sealed class FieldSink(string? separators, char? joiner, bool extended)
{
    private readonly StringBuilder _text = new();
    private readonly List<(int Start, int End)> _quoted = [];
    private readonly List<Field> _fields = [];
    private bool _present;
    private bool _special;
    private bool _afterBlank;

    public bool Splits => separators is not null;

    public void Literal(string text, bool quoted)
    {
        if (quoted)
        {
            _present = true;
            if (text.AsSpan().IndexOfAny("*?[]\\@+!()|^-&") >= 0)
            {
                _quoted.Add((_text.Length, _text.Length + text.Length));
            }
        }
        else
        {
            NoteSpecial(text);
        }

        _afterBlank = false;
        _text.Append(text);
    }

    /// <summary>Notes a quoted part, which makes a field even when it is empty.</summary>
    public void Present() => _present = true;

    /// <summary>The result of an unquoted expansion, which is split.</summary>
    public void Expansion(string text)
    {
        NoteSpecial(text);
        if (separators is null || text.AsSpan().IndexOfAny(separators) < 0)
        {
            if (text.Length > 0)
            {
                _afterBlank = false;
            }

            _text.Append(text);
            return;
        }

        foreach (var c in text)
        {
            if (!separators.Contains(c))
            {
                _text.Append(c);
                _afterBlank = false;
            }
            else if (c is ' ' or '\t' or '\n')
            {
                if (_text.Length > 0 || _present)
                {
                    End();
                    _afterBlank = true;
                }
            }
            else if (_text.Length > 0 || _present || !_afterBlank)
            {
                End();
                _afterBlank = false;
            }
            else
            {
                _afterBlank = false;
            }
        }
    }

    /// <summary>Ends a field between two parameters of "$@".</summary>
    public void Break()
    {
        if (separators is not null)
        {
            End();
        }
        else if (joiner is { } c)
        {
            _text.Append(c);
        }
    }

    /// <summary>Ends a field between two unquoted parameters, where empty ones vanish.</summary>
    public void SoftBreak()
    {
        if (separators is null)
        {
            Break();
        }
        else if (_text.Length > 0 || _present)
        {
            End();
        }
    }

    public List<Field> Finish()
    {
        if (_text.Length > 0 || _present)
        {
            End();
        }

        return _fields;
    }

    /// <summary>All of the text, where nothing was split.</summary>
    public string Text => _text.ToString();

    /// <summary>All of the text as a pattern in which what was quoted stands for itself.</summary>
    public string Pattern => Escape("*?[]\\@+!()|^-");

    /// <summary>All of the text with the quoted ones of some characters preceded by a backslash.</summary>
    public string Escape(string characters)
    {
        if (_quoted.Count == 0)
        {
            return _text.ToString();
        }

        var result = new StringBuilder();
        var at = 0;
        foreach (var (start, end) in _quoted)
        {
            result.Append(_text, at, start - at);
            for (var i = start; i < end; i++)
            {
                if (characters.Contains(_text[i]))
                {
                    result.Append('\\');
                }

                result.Append(_text[i]);
            }

            at = end;
        }

        return result.Append(_text, at, _text.Length - at).ToString();
    }

    private void NoteSpecial(string text)
    {
        if (!_special)
        {
            _special = text.AsSpan().IndexOfAny("*?[") >= 0 || (extended && text.Contains('('));
        }
    }

    private void End()
    {
        _fields.Add(new(_text.ToString(), _special ? Pattern : null));
        _text.Clear();
        _quoted.Clear();
        _present = false;
        _special = false;
    }
}
