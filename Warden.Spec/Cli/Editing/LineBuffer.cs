using System.Globalization;
using System.Text;

namespace Warden.Spec.Cli.Editing;

/// <summary>A line under the cursor. Positions count UTF-16 units and never fall into a surrogate pair.</summary>
internal sealed class LineBuffer
{
    private readonly StringBuilder _text = new();

    internal int Cursor { get; private set; }

    internal int Length => _text.Length;

    internal string Text => _text.ToString();

    internal string BeforeCursor => _text.ToString(0, Cursor);

    internal void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = text.Length;
    }

    internal void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Replaces what lies between a position and the cursor.</summary>
    internal void ReplaceBack(int from, string text)
    {
        _text.Remove(from, Cursor - from);
        Cursor = from;
        Insert(text);
    }

    internal void Home() => Cursor = 0;

    internal void End() => Cursor = _text.Length;

    internal void Left() => Cursor = Previous(Cursor);

    internal void Right() => Cursor = Next(Cursor);

    internal void WordLeft() => Cursor = WordStart();

    internal void WordRight()
    {
        while (Cursor < _text.Length && char.IsWhiteSpace(_text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < _text.Length && !char.IsWhiteSpace(_text[Cursor]))
        {
            Cursor++;
        }
    }

    internal void Backspace() => Cut(Previous(Cursor), Cursor);

    internal void Delete() => Cut(Cursor, Next(Cursor));

    /// <summary>Each of these gives what it removed.</summary>
    internal string CutToEnd() => Cut(Cursor, _text.Length);

    internal string CutToStart() => Cut(0, Cursor);

    internal string CutWord() => Cut(WordStart(), Cursor);

    /// <summary>The columns that a text takes.</summary>
    internal static int Columns(string text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns += Columns(rune);
        }

        return columns;
    }

    internal static int Columns(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        // The blocks that East Asian Width (UAX #11) calls wide, as far as terminals agree on them.
        return rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
            or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD)
            ? 2
            : 1;
    }

    private string Cut(int from, int to)
    {
        string removed = _text.ToString(from, to - from);
        _text.Remove(from, to - from);
        Cursor = from;
        return removed;
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && char.IsWhiteSpace(_text[at - 1]))
        {
            at--;
        }

        while (at > 0 && !char.IsWhiteSpace(_text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private int Previous(int at) => at > 1 && char.IsLowSurrogate(_text[at - 1]) ? at - 2 : Math.Max(at - 1, 0);

    private int Next(int at) =>
        at + 1 < _text.Length && char.IsHighSurrogate(_text[at]) ? at + 2 : Math.Min(at + 1, _text.Length);
}
