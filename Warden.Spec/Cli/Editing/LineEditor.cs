using System.Text;

namespace Warden.Spec.Cli.Editing;

/// <summary>
/// Reads a line with the keys of Emacs and readline, with history and Tab completion. It is our own: the package ReadLine has had no
/// release in years, and the prompts of Spectre.Console have neither a history nor the completion of words.
/// </summary>
internal sealed class LineEditor(ILineTerminal terminal, LineHistory history, ICompleter completer)
{
    private const int NarrowestLine = 10;

    private readonly LineBuffer _line = new();
    private string _prompt = string.Empty;
    private string _killed = string.Empty;
    private string _drawn = string.Empty;
    private string _unfinished = string.Empty;
    private int _recalled;
    private int _scroll;
    private bool _isSecondTab;

    /// <summary>Reads a line.</summary>
    /// <returns>The line; empty after Ctrl-C; null after Ctrl-D on an empty line, and at the end of the input.</returns>
    internal async Task<string?> ReadLineAsync(string prompt, CancellationToken cancellationToken)
    {
        _prompt = prompt;
        _line.Set(string.Empty);
        _drawn = string.Empty;
        _unfinished = string.Empty;
        _recalled = history.Count;
        _scroll = 0;
        terminal.Begin();
        try
        {
            while (true)
            {
                Draw();
                if (await terminal.ReadKeyAsync(cancellationToken).ConfigureAwait(false) is not { } key)
                {
                    return null;
                }

                bool isTab = key.Key == ConsoleKey.Tab;
                if (isTab)
                {
                    await CompleteAsync(cancellationToken).ConfigureAwait(false);
                }
                else if (Apply(key) is { } outcome)
                {
                    return Finish(outcome);
                }

                _isSecondTab = isTab && _isSecondTab;
            }
        }
        finally
        {
            terminal.End();
        }
    }

    private string? Finish(Outcome outcome)
    {
        _line.End();
        Draw();
        terminal.Write(outcome == Outcome.Discarded ? "^C\n" : "\n");
        if (outcome != Outcome.Accepted)
        {
            return outcome == Outcome.Discarded ? string.Empty : null;
        }

        history.Add(_line.Text);
        return _line.Text;
    }

    private Outcome? Apply(ConsoleKeyInfo key)
    {
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control) && ApplyControl(key, out Outcome? outcome))
        {
            return outcome;
        }

        if (key.Modifiers.HasFlag(ConsoleModifiers.Alt))
        {
            ApplyAlt(key);
            return null;
        }

        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Outcome.Accepted;
            case ConsoleKey.Backspace:
                _line.Backspace();
                break;
            case ConsoleKey.Delete:
                _line.Delete();
                break;
            case ConsoleKey.LeftArrow:
                _line.Left();
                break;
            case ConsoleKey.RightArrow:
                _line.Right();
                break;
            case ConsoleKey.Home:
                _line.Home();
                break;
            case ConsoleKey.End:
                _line.End();
                break;
            case ConsoleKey.UpArrow:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recalled + 1);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _line.Insert(key.KeyChar.ToString());
                }

                break;
        }

        return null;
    }

    private bool ApplyControl(ConsoleKeyInfo key, out Outcome? outcome)
    {
        outcome = null;
        switch (key.Key)
        {
            case ConsoleKey.A:
                _line.Home();
                break;
            case ConsoleKey.E:
                _line.End();
                break;
            case ConsoleKey.B:
                _line.Left();
                break;
            case ConsoleKey.F:
                _line.Right();
                break;
            case ConsoleKey.LeftArrow:
                _line.WordLeft();
                break;
            case ConsoleKey.RightArrow:
                _line.WordRight();
                break;
            case ConsoleKey.P:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.N:
                Recall(_recalled + 1);
                break;
            case ConsoleKey.H:
                _line.Backspace();
                break;
            case ConsoleKey.K:
                _killed = _line.CutToEnd();
                break;
            case ConsoleKey.U:
                _killed = _line.CutToStart();
                break;
            case ConsoleKey.W:
                _killed = _line.CutWord();
                break;
            case ConsoleKey.Y:
                _line.Insert(_killed);
                break;
            case ConsoleKey.L:
                terminal.Clear();
                _drawn = string.Empty;
                break;
            case ConsoleKey.J:
                outcome = Outcome.Accepted;
                break;
            case ConsoleKey.C:
                outcome = Outcome.Discarded;
                break;
            case ConsoleKey.D when _line.Length == 0:
                outcome = Outcome.Ended;
                break;
            case ConsoleKey.D:
                _line.Delete();
                break;
            default:
                return false;
        }

        return true;
    }

    private void ApplyAlt(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.B:
                _line.WordLeft();
                break;
            case ConsoleKey.F:
                _line.WordRight();
                break;
            case ConsoleKey.Backspace:
                _killed = _line.CutWord();
                break;
            default:
                // AltGr comes as Alt on some terminals.
                if (key.KeyChar > '\x7f')
                {
                    _line.Insert(key.KeyChar.ToString());
                }

                break;
        }
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Count)
        {
            return;
        }

        if (_recalled == history.Count)
        {
            _unfinished = _line.Text;
        }

        _recalled = index;
        _line.Set(index == history.Count ? _unfinished : history[index]);
    }

    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        string before = _line.BeforeCursor;
        Completion completion = await completer.CompleteAsync(before, cancellationToken).ConfigureAwait(false);
        string typed = before[completion.Start..];
        string common = CommonPrefix(completion.Candidates);
        if (completion.Candidates.Count == 1)
        {
            _line.ReplaceBack(completion.Start, common + (completion.IsWhole ? " " : string.Empty));
        }
        else if (common.Length > typed.Length)
        {
            _line.ReplaceBack(completion.Start, common);
        }
        else if (completion.Candidates.Count > 1 && _isSecondTab)
        {
            terminal.Write("\n" + string.Join("  ", completion.Candidates) + "\n");
            _drawn = string.Empty;
        }

        _isSecondTab = true;
    }

    private static string CommonPrefix(IReadOnlyList<string> texts)
    {
        string common = texts.Count > 0 ? texts[0] : string.Empty;
        foreach (string text in texts)
        {
            int length = 0;
            while (length < common.Length && length < text.Length && common[length] == text[length])
            {
                length++;
            }

            common = common[..length];
        }

        return common;
    }

    /// <summary>
    /// Draws the part of the line that fits beside the prompt, on one row: a line longer than the terminal scrolls under the cursor.
    /// </summary>
    private void Draw()
    {
        int width = terminal.Width - 1 - LineBuffer.Columns(_prompt);
        if (width < NarrowestLine)
        {
            width = int.MaxValue;
        }

        string text = _line.Text;
        _scroll = Math.Min(_scroll, _line.Cursor);
        while (LineBuffer.Columns(text[_scroll.._line.Cursor]) > width)
        {
            _scroll += char.IsHighSurrogate(text[_scroll]) ? 2 : 1;
        }

        string shown = Fit(text[_scroll..], width);
        string drawn = _prompt + shown;
        int blanks = Math.Max(0, LineBuffer.Columns(_drawn) - LineBuffer.Columns(drawn));
        terminal.Write($"\r{drawn}{new string(' ', blanks)}\r{_prompt}{text[_scroll.._line.Cursor]}");
        _drawn = drawn;
    }

    private static string Fit(string text, int width)
    {
        int columns = 0;
        int end = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns += LineBuffer.Columns(rune);
            if (columns > width)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }

    private enum Outcome
    {
        Accepted,
        Discarded,
        Ended,
    }
}
