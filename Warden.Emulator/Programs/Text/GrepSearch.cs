using System.Text.RegularExpressions;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Searches files line by line and prints what grep prints.</summary>
internal sealed class GrepSearch
{
    private readonly Invocation _c;
    private readonly OptionSet _o;
    private readonly List<Regex> _patterns;
    private readonly long _most;
    private readonly long _before;
    private readonly long _after;
    private readonly bool _invert;
    private readonly bool _whole;
    private readonly bool _words;
    private readonly bool _quiet;
    private bool _anyGroup;

    public GrepSearch(Invocation c, OptionSet o, List<Regex> patterns)
    {
        _c = c;
        _o = o;
        _patterns = patterns;
        _most = Number("m", "max count", long.MaxValue);
        var context = Number("C", "context length", 0);
        _before = Number("B", "context length", context);
        _after = Number("A", "context length", context);
        _invert = o.Has("v");
        _whole = o.Has("x");
        _words = o.Has("w");
        _quiet = o.Has("q");
    }

    public bool ShowNames { get; init; }

    public bool Found { get; private set; }

    public bool Done => _quiet && Found;

    public void Complain(string path, ErrnoException failure)
    {
        _c.Status = 2;
        if (!_o.Has("s"))
        {
            _c.Fail($"{path}: {failure.Message}");
        }
    }

    public async ValueTask SearchAsync(string path)
    {
        if (_most == 0)
        {
            return;
        }
        ByteReader reader;
        try
        {
            var fd = await _c.OpenInputAsync(path);
            if (_c.Process.TryGetFile(fd, out var file) && file.Status.Kind == FileKind.Directory)
            {
                _c.Process.Close(fd);
                throw new ErrnoException(Errno.EISDIR);
            }
            reader = new ByteReader(_c.Process, fd);
        }
        catch (ErrnoException failure)
        {
            Complain(path, failure);
            await _c.DrainAsync();
            return;
        }
        using (reader)
        {
            await SearchAsync(reader, path == "-" ? _o.Last("label") ?? "(standard input)" : path);
            if (path == "-")
            {
                reader.GiveBack();
            }
        }
    }

    private async ValueTask SearchAsync(ByteReader reader, string name)
    {
        var separator = _o.Has("z") ? (byte)0 : (byte)'\n';
        var listing = _o.LastOf("l", "L");
        var printsLines = listing is null && !_o.Has("c") && !_quiet;
        var context = new Queue<(long Number, long Offset, string Text)>();
        long number = 0, offset = 0, matches = 0, lastPrinted = 0, trailing = 0;
        var binary = false;
        while (await reader.ReadLineAsync(separator) is { } line)
        {
            number++;
            binary |= separator != 0 && !_o.Has("a") && _o.Last("binary-files") != "text" && line.Contains('\0', StringComparison.Ordinal);
            var selected = Matches(line) != _invert;
            if (selected)
            {
                matches++;
                Found = true;
                if (_quiet || listing is not null)
                {
                    break;
                }
                if (printsLines && binary)
                {
                    if (!_o.Has("I"))
                    {
                        _c.Warn($"{name}: binary file matches");
                    }
                    return;
                }
                if (printsLines)
                {
                    var first = context.Count > 0 ? context.Peek().Number : number;
                    Separate(first, lastPrinted);
                    while (context.TryDequeue(out var earlier))
                    {
                        Print(name, earlier.Number, earlier.Offset, earlier.Text, '-');
                    }
                    PrintSelected(name, number, offset, line);
                    lastPrinted = number;
                    trailing = _after;
                }
                if (matches >= _most && (trailing == 0 || !printsLines))
                {
                    break;
                }
            }
            else if (printsLines && trailing > 0)
            {
                trailing--;
                Print(name, number, offset, line, '-');
                lastPrinted = number;
                if (trailing == 0 && matches >= _most)
                {
                    break;
                }
            }
            else if (printsLines && _before > 0)
            {
                context.Enqueue((number, offset, line));
                if (context.Count > _before)
                {
                    context.Dequeue();
                }
            }
            offset += line.Length + 1;
            await _c.DrainAsync();
        }
        Summarise(name, listing, matches);
    }

    private void Summarise(string name, string? listing, long matches)
    {
        if (_quiet)
        {
            return;
        }
        if (_o.Has("c") && listing is null)
        {
            _c.WriteLine((ShowNames ? name + ":" : "") + matches);
        }
        if (listing is not null && (matches > 0) == (listing == "l"))
        {
            _c.Write(name + (_o.Has("Z") ? "\0" : "\n"));
        }
        if (listing == "L")
        {
            // -L succeeds when it lists a file (since grep 3.5).
            Found = matches == 0 || Found;
        }
    }

    private bool Matches(string line)
    {
        foreach (var pattern in _patterns)
        {
            for (var match = pattern.Match(line); match.Success; match = Next(pattern, line, match))
            {
                if (Accepts(line, match))
                {
                    return true;
                }
                if (_whole && pattern.Match(line) is { } && WholeMatch(pattern, line))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static Match Next(Regex pattern, string line, Match match) =>
        match.Index + 1 <= line.Length ? pattern.Match(line, match.Index + 1) : System.Text.RegularExpressions.Match.Empty;

    // The first alternative may match a part where another one matches the line.
    private static bool WholeMatch(Regex pattern, string line) =>
        Regex.IsMatch(line, @"\A(?:" + pattern + @")\z", pattern.Options);

    private bool Accepts(string line, Match match)
    {
        if (_whole)
        {
            return match.Index == 0 && match.Length == line.Length;
        }
        return !_words || IsWord(line, match.Index, match.Length);
    }

    private static bool IsWord(string line, int start, int length)
    {
        static bool Part(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
        return length > 0 && (start == 0 || !Part(line[start - 1])) && (start + length == line.Length || !Part(line[start + length]));
    }

    private void PrintSelected(string name, long number, long offset, string line)
    {
        if (!_o.Has("o"))
        {
            Print(name, number, offset, line, ':');
            return;
        }
        if (_invert)
        {
            return;
        }
        for (var at = 0; at <= line.Length;)
        {
            Match? best = null;
            foreach (var pattern in _patterns)
            {
                var match = pattern.Match(line, at);
                while (match.Success && (match.Length == 0 || !Accepts(line, match)))
                {
                    match = Next(pattern, line, match);
                }
                if (match.Success && (best is null || match.Index < best.Index || (match.Index == best.Index && match.Length > best.Length)))
                {
                    best = match;
                }
            }
            if (best is null)
            {
                return;
            }
            Print(name, number, offset + best.Index, best.Value, ':');
            at = best.Index + best.Length;
        }
    }

    private void Print(string name, long number, long offset, string text, char mark)
    {
        if (ShowNames)
        {
            _c.Write(name + (_o.Has("Z") ? '\0' : mark));
        }
        if (_o.Has("n"))
        {
            _c.Write($"{number}{mark}");
        }
        if (_o.Has("b"))
        {
            _c.Write($"{offset}{mark}");
        }
        if (mark == '-' && _o.Has("o"))
        {
            return;
        }
        _c.Write(_o.Has("T") ? "\t" + text : text);
        _c.Write(_o.Has("z") ? '\0' : '\n');
    }

    private void Separate(long first, long lastPrinted)
    {
        if ((_before > 0 || _after > 0) && _anyGroup && (lastPrinted == 0 || first > lastPrinted + 1))
        {
            _c.WriteLine("--");
        }
        _anyGroup = true;
    }

    private long Number(string key, string what, long otherwise)
    {
        if (_o.Last(key) is not { } text)
        {
            return otherwise;
        }
        return long.TryParse(text, out var number) && (number >= 0 || key == "m")
            ? number < 0 ? long.MaxValue : number
            : throw _c.Die(key == "m" ? $"invalid {what}" : $"{text}: invalid {what} argument");
    }
}
