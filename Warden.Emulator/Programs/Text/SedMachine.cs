using System.Text;
using System.Text.RegularExpressions;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Runs a script of sed over its input.</summary>
internal sealed class SedMachine(Invocation c, List<SedCommand> program)
{
    private readonly Dictionary<string, int> _outputs = [];
    private readonly Dictionary<string, ByteReader> _lineSources = [];
    private readonly List<(char Kind, string Text)> _appends = [];
    private SedInput _input = null!;
    private string _space = "";
    private string _hold = "";
    private bool _ended;
    private bool _replaced;
    private Regex? _lastRegex;
    private int? _exit;

    public bool Quiet { get; init; }

    public bool Separate { get; init; }

    public string? InPlaceSuffix { get; init; }

    public char Separator { get; init; } = '\n';

    public bool Unbuffered { get; init; }

    public async ValueTask<int> RunAsync(List<string> files)
    {
        foreach (var name in program.Select(x => x.OutputFile ?? (x.Letter is 'w' or 'W' ? x.Text : null)).OfType<string>())
        {
            await OpenOutputAsync(name);
        }
        using var input = new SedInput(c, files, Separate, InPlaceSuffix, Separator);
        _input = input;
        while (_exit is null && await _input.NextAsync() is { } line)
        {
            _space = line;
            await CycleAsync();
            if (Unbuffered)
            {
                await c.FlushAsync();
            }
            await c.DrainAsync();
        }
        await _input.FinishAsync(_exit is not null);
        foreach (var fd in _outputs.Values.Where(fd => fd > 2))
        {
            c.Process.Close(fd);
        }
        return _exit ?? (c.Status == 0 ? 0 : 2);
    }

    private async ValueTask CycleAsync()
    {
        while (true)
        {
            var again = await ExecuteAsync();
            if (!_ended && !Quiet)
            {
                await PrintAsync(_space);
            }
            await FlushAppendsAsync();
            _ended = false;
            if (!again || _exit is not null)
            {
                return;
            }
        }
    }

    /// <summary>Runs the commands once; true when D starts a new cycle without reading.</summary>
    private async ValueTask<bool> ExecuteAsync()
    {
        _replaced = false;
        for (var at = 0; at < program.Count; at++)
        {
            var command = program[at];
            await c.Process.CheckpointAsync();
            var selected = await SelectsAsync(command) != command.Negated;
            if (!selected)
            {
                at = command.Letter == '{' ? command.Target - 1 : at;
                continue;
            }
            switch (command.Letter)
            {
                case 'b':
                    at = command.Target - 1;
                    break;
                case 't' or 'T':
                    if (_replaced == (command.Letter == 't'))
                    {
                        at = command.Target - 1;
                    }
                    _replaced = false;
                    break;
                case 'd':
                    _ended = true;
                    return false;
                case 'D':
                    _ended = true;
                    var newline = _space.IndexOf('\n', StringComparison.Ordinal);
                    if (newline < 0)
                    {
                        return false;
                    }
                    _space = _space[(newline + 1)..];
                    return true;
                case 'n':
                    if (await _input.IsLastAsync())
                    {
                        // GNU prints the pattern space when there is no next line.
                        _exit ??= await LeaveAsync();
                        return false;
                    }
                    if (!Quiet)
                    {
                        await PrintAsync(_space);
                    }
                    await FlushAppendsAsync();
                    _space = await _input.NextAsync() ?? "";
                    break;
                case 'N':
                    if (await _input.IsLastAsync())
                    {
                        _exit ??= await LeaveAsync();
                        return false;
                    }
                    await FlushAppendsAsync();
                    _space += Separator + (await _input.NextAsync() ?? "");
                    break;
                case 'q':
                    _exit = command.Text.Length == 0 ? 0 : int.Parse(command.Text);
                    return false;
                case 'Q':
                    _exit = command.Text.Length == 0 ? 0 : int.Parse(command.Text);
                    _ended = true;
                    return false;
                case 'c':
                    if (command.To is null || command.Negated || !command.InRange)
                    {
                        await WriteAsync(command.Text);
                    }
                    _ended = true;
                    return false;
                default:
                    await SimpleAsync(command);
                    break;
            }
        }
        return false;
    }

    private ValueTask<int?> LeaveAsync() => ValueTask.FromResult<int?>(_input.AtEndOfAll ? 0 : null);

    private async ValueTask SimpleAsync(SedCommand command)
    {
        switch (command.Letter)
        {
            case 's':
                await SubstituteAsync(command);
                break;
            case 'p':
                await PrintAsync(_space);
                break;
            case 'P':
                await WriteAsync(_space.Split('\n')[0] + Separator);
                break;
            case 'g': _space = _hold; break;
            case 'G': _space += Separator + _hold; break;
            case 'h': _hold = _space; break;
            case 'H': _hold += Separator + _space; break;
            case 'x': (_space, _hold) = (_hold, _space); break;
            case 'z': _space = ""; break;
            case 'y': _space = string.Concat(_space.Select(x => command.Table![x])); break;
            case '=': await WriteAsync(_input.Number + "\n"); break;
            case 'F': await WriteAsync(_input.FileName + "\n"); break;
            case 'l': await WriteAsync(Unambiguous(_space, command.Text.Length == 0 ? 70 : int.Parse(command.Text))); break;
            case 'i': await WriteAsync(command.Text); break;
            case 'a' or 'r' or 'R': _appends.Add((command.Letter, command.Text)); break;
            case 'w': await WriteFileAsync(command.Text, _space + Separator); break;
            case 'W': await WriteFileAsync(command.Text, _space.Split('\n')[0] + Separator); break;
            case 'e': await EvaluateAsync(command); break;
        }
    }

    private async ValueTask<bool> SelectsAsync(SedCommand command)
    {
        if (command.From is not { } from)
        {
            return true;
        }
        if (command.To is not { } to)
        {
            return await MatchesAsync(from);
        }
        if (command.InRange)
        {
            switch (to.Kind)
            {
                case SedAddressKind.Line or SedAddressKind.Plus or SedAddressKind.Multiple:
                    command.InRange = _input.Number < command.RangeEnd;
                    // A range whose end has passed is this one line only if it began again.
                    return _input.Number <= command.RangeEnd || await StartsAsync(command, from, to);
                default:
                    command.InRange = !await MatchesAsync(to);
                    return true;
            }
        }
        return await StartsAsync(command, from, to);
    }

    private async ValueTask<bool> StartsAsync(SedCommand command, SedAddress from, SedAddress to)
    {
        if (from is { Kind: SedAddressKind.Line, First: 0 })
        {
            if (command.RangeEnd < 0 || _input.Number != 1)
            {
                return false;
            }
            command.RangeEnd = -1;
            command.InRange = !await MatchesAsync(to);
            return true;
        }
        if (!await MatchesAsync(from))
        {
            return false;
        }
        command.RangeEnd = to.Kind switch
        {
            SedAddressKind.Line => to.First,
            SedAddressKind.Plus => _input.Number + to.First,
            SedAddressKind.Multiple => to.First == 0 ? _input.Number : (_input.Number + to.First - 1) / to.First * to.First,
            _ => long.MaxValue,
        };
        command.InRange = to.Kind switch
        {
            SedAddressKind.Last => !await _input.IsLastAsync(),
            SedAddressKind.Regex => true,
            _ => command.RangeEnd > _input.Number,
        };
        return true;
    }

    private async ValueTask<bool> MatchesAsync(SedAddress address) => address.Kind switch
    {
        SedAddressKind.Line => _input.Number == address.First,
        SedAddressKind.Step => address.Second == 0 ? _input.Number == address.First : _input.Number >= address.First && (_input.Number - address.First) % address.Second == 0,
        SedAddressKind.Last => await _input.IsLastAsync(),
        SedAddressKind.Regex => Use(address.Regex).IsMatch(_space),
        _ => false,
    };

    private Regex Use(Regex? regex)
    {
        _lastRegex = regex ?? _lastRegex ?? throw c.Die("no previous regular expression");
        return _lastRegex;
    }

    private async ValueTask SubstituteAsync(SedCommand command)
    {
        var regex = Use(command.Regex);
        var output = new StringBuilder();
        var (at, count, done) = (0, 0, false);
        for (var match = regex.Match(_space); match.Success;)
        {
            count++;
            if (count >= command.Occurrence)
            {
                output.Append(_space, at, match.Index - at);
                new SedReplacement(output).Append(command.Replacement, match);
                at = match.Index + match.Length;
                done = true;
                if (!command.Global)
                {
                    break;
                }
            }
            var next = match.Index + match.Length + (match.Length == 0 ? 1 : 0);
            if (next > _space.Length)
            {
                break;
            }
            var end = match.Index + match.Length;
            match = regex.Match(_space, next);
            // An empty match right behind a match is none.
            while (match.Success && match.Length == 0 && match.Index == end && end > 0 && match.Index < _space.Length)
            {
                match = regex.Match(_space, match.Index + 1);
            }
            if (match.Success && match.Length == 0 && match.Index == end)
            {
                break;
            }
        }
        if (!done)
        {
            return;
        }
        _space = output.Append(_space, at, _space.Length - at).ToString();
        _replaced = true;
        if (command.Evaluate)
        {
            _space = await OutputOfAsync(_space);
        }
        if (command.Print)
        {
            await PrintAsync(_space);
        }
        if (command.OutputFile is { } file)
        {
            await WriteFileAsync(file, _space + Separator);
        }
    }

    private async ValueTask EvaluateAsync(SedCommand command)
    {
        if (command.Text.Length == 0)
        {
            _space = await OutputOfAsync(_space);
        }
        else
        {
            await WriteAsync(await OutputOfAsync(command.Text, keepNewline: true));
        }
    }

    private async ValueTask<string> OutputOfAsync(string script, bool keepNewline = false)
    {
        await c.FlushAsync();
        var (read, write) = c.Process.Pipe();
        var child = Execution.Spawn(c, ["sh", "-c", script], p =>
        {
            p.DuplicateTo(write, 1);
            p.Close(read);
            p.Close(write);
        });
        c.Process.Close(write);
        using var reader = new ByteReader(c.Process, read);
        var text = await reader.ReadToEndAsync();
        await Execution.WaitAsync(c, child.Id);
        return !keepNewline && text.EndsWith('\n') ? text[..^1] : text;
    }

    private ValueTask PrintAsync(string text) => WriteAsync(_input.LineEnded ? text + Separator : text, _input.LineEnded);

    private ValueTask WriteAsync(string text, bool ended = true) => _input.WriteAsync(text, ended);

    private async ValueTask OpenOutputAsync(string name)
    {
        if (_outputs.ContainsKey(name))
        {
            return;
        }
        try
        {
            _outputs[name] = name switch
            {
                "/dev/stdout" => 1,
                "/dev/stderr" => 2,
                _ => await c.Process.OpenAsync(name, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate),
            };
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"couldn't open file {name}: {failure.Message}", 4);
        }
    }

    private async ValueTask WriteFileAsync(string name, string text)
    {
        var fd = _outputs[name];
        if (fd == 1)
        {
            await WriteAsync(text);
            return;
        }
        await c.Process.WriteAsync(fd, text);
    }

    private async ValueTask FlushAppendsAsync()
    {
        foreach (var (kind, text) in _appends)
        {
            switch (kind)
            {
                case 'a':
                    await WriteAsync(text);
                    break;
                case 'R':
                    if (await NextLineOfAsync(text) is { } line)
                    {
                        await WriteAsync(line + "\n");
                    }
                    break;
                default:
                    try
                    {
                        await WriteAsync(text == "/dev/stdin" ? await c.ReadAllAsync("-") : await c.ReadAllAsync(text));
                    }
                    catch (ErrnoException)
                    {
                        // A file that cannot be read adds nothing.
                    }
                    break;
            }
        }
        _appends.Clear();
    }

    private async ValueTask<string?> NextLineOfAsync(string name)
    {
        if (!_lineSources.TryGetValue(name, out var reader))
        {
            try
            {
                reader = new ByteReader(c.Process, await c.OpenInputAsync(name));
            }
            catch (ErrnoException)
            {
                return null;
            }
            _lineSources[name] = reader;
        }
        return await reader.ReadLineAsync();
    }

    private static string Unambiguous(string text, int width)
    {
        var output = new StringBuilder();
        var column = 0;
        foreach (var x in text)
        {
            var shown = x == '\\' ? "\\\\" : x is >= ' ' and < '\x7F' ? x.ToString() : Quote.Escape(x);
            if (width > 1 && column + shown.Length > width - 1)
            {
                output.Append("\\\n");
                column = 0;
            }
            output.Append(shown);
            column += shown.Length;
        }
        return output.Append("$\n").ToString();
    }
}
