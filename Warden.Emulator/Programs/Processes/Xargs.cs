using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Xargs() : GnuProgram("xargs")
{
    private const int DefaultLimit = 128 * 1024;

    protected override string Version => "xargs (GNU findutils) 4.9.0";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "+0a:d:E:e::I:i::L:l::n:prs:tP:x", "null 0", "arg-file= a", "delimiter= d", "eof? e", "replace? i", "max-lines? l", "max-args= n", "interactive p",
            "no-run-if-empty r", "max-chars= s", "verbose t", "max-procs= P", "exit x", "process-slot-var=", "show-limits");
        var command = o.Operands.Count == 0 ? ["echo"] : o.Operands;
        var replace = o.LastOf("I", "i", "L", "l", "n") switch { "I" => o.Last("I"), "i" => o.Last("i") is { Length: > 0 } r ? r : "{}", _ => null };
        var most = o.LastOf("n", "L", "l", "I", "i") == "n" ? Number(c, o, "n") : long.MaxValue;
        long? lines = o.LastOf("L", "l", "n", "I", "i") switch { "L" => Number(c, o, "L"), "l" => o.Last("l") is { Length: > 0 } ? Number(c, o, "l") : 1, _ => null };
        var limit = Number(c, o, "s", DefaultLimit);
        char? delimiter = o.LastOf("0", "d") switch { "0" => '\0', "d" => Delimiter(c, o.Last("d")!), _ => null };
        var reader = new ByteReader(c.Process, await c.OpenInputAsync(o.Last("a") ?? "-"));
        var source = new XargsItems(c, reader, delimiter, o.Last("E") ?? (o.Last("e") is { Length: > 0 } e ? e : null), replace is not null);
        var runner = new XargsRunner(c, o, Number(c, o, "P", 1), o.Has("a"));
        if (replace is not null)
        {
            while (await source.NextAsync() is { } item)
            {
                await runner.RunAsync([.. command.Select(a => a.Replace(replace, item.Text, StringComparison.Ordinal))]);
            }
            return await runner.EndAsync();
        }
        var batch = new List<string>();
        var size = command.Sum(a => a.Length + 1);
        long batchLines = 0;
        var any = false;
        while (await source.NextAsync() is { } item)
        {
            if (batch.Count > 0 && (batch.Count >= most || size + item.Text.Length + 1 > limit || batchLines >= lines))
            {
                await runner.RunAsync([.. command, .. batch]);
                any = true;
                batch.Clear();
                size = command.Sum(a => a.Length + 1);
                batchLines = 0;
            }
            if (size + item.Text.Length + 1 > limit)
            {
                throw c.Die("argument line too long");
            }
            batch.Add(item.Text);
            size += item.Text.Length + 1;
            batchLines += item.EndsLine ? 1 : 0;
        }
        if (batch.Count > 0 || (!any && !o.Has("r")))
        {
            await runner.RunAsync([.. command, .. batch]);
        }
        return await runner.EndAsync();
    }

    private static long Number(Invocation c, OptionSet o, string key, long otherwise = 0)
    {
        if (o.Last(key) is not { } text)
        {
            return otherwise;
        }
        if (!long.TryParse(text, out var number))
        {
            throw c.Die($"invalid number \"{text}\" for -{key} option");
        }
        return number < (key == "P" ? 0 : 1) ? throw c.Die($"value {text} for -{key} option should be >= {(key == "P" ? 0 : 1)}") : number;
    }

    private static char Delimiter(Invocation c, string text)
    {
        if (text.Length == 1)
        {
            return text[0];
        }
        if (text.Length > 1 && text[0] == '\\')
        {
            var output = new StringBuilder();
            var at = 1;
            Escapes.Append(output, text, ref at, echo: false);
            if (output.Length == 1 && at == text.Length)
            {
                return output[0];
            }
        }
        throw c.Die($"Invalid input delimiter specification {text}: the delimiter must be either a single character or an escape sequence starting with \\.");
    }
}

/// <summary>The items on the input of xargs: words with quotes, lines, or pieces between delimiters.</summary>
internal sealed class XargsItems(Invocation c, ByteReader reader, char? delimiter, string? endMark, bool byLine)
{
    public async ValueTask<(string Text, bool EndsLine)?> NextAsync()
    {
        if (delimiter is { } separator)
        {
            return await reader.ReadLineAsync((byte)separator) is { } piece ? (piece, true) : null;
        }
        var text = new StringBuilder();
        var started = false;
        var quote = -1;
        while (true)
        {
            var b = await reader.ReadByteAsync();
            if (quote >= 0 && (b < 0 || b == '\n'))
            {
                throw c.Die($"unmatched {(quote == '"' ? "double" : "single")} quote; by default quotes are special to xargs unless you use the -0 option");
            }
            if (quote >= 0 && b == quote)
            {
                quote = -1;
                continue;
            }
            if (quote >= 0)
            {
                text.Append((char)b);
                continue;
            }
            if (b < 0 || b == '\n' || (!byLine && b is ' ' or '\t'))
            {
                if (started && !(byLine && text.Length == 0))
                {
                    return text.ToString() == endMark ? null : (text.ToString(), b < 0 || b == '\n');
                }
                if (b < 0)
                {
                    return null;
                }
                continue;
            }
            if (byLine && !started && b is ' ' or '\t')
            {
                continue;
            }
            started = true;
            if (b is '"' or '\'')
            {
                quote = b;
            }
            else if (b == '\\')
            {
                b = await reader.ReadByteAsync();
                if (b >= 0)
                {
                    text.Append((char)b);
                }
            }
            else
            {
                text.Append((char)b);
            }
        }
    }
}

/// <summary>Runs the commands of xargs, at most so many at a time.</summary>
internal sealed class XargsRunner(Invocation c, OptionSet o, long parallel, bool keepInput)
{
    private int _running;
    private int _status;

    public async ValueTask RunAsync(List<string> command)
    {
        if (o.LastOf("t", "p") is not null)
        {
            c.WarnRaw(string.Join(' ', command.Select(Quote.Maybe)) + "\n");
        }
        await c.FlushAsync();
        while (parallel > 0 && _running >= parallel)
        {
            await ReapAsync();
        }
        // Commands do not eat the list: their input is /dev/null.
        var input = keepInput ? -1 : await c.Process.OpenAsync("/dev/null", OpenFlags.Read);
        try
        {
            Execution.Spawn(c, command, child =>
            {
                if (input >= 0)
                {
                    child.DuplicateTo(input, 0);
                    child.Close(input);
                }
            });
            _running++;
        }
        catch (ErrnoException failure)
        {
            c.Warn($"{command[0]}: {failure.Message}");
            _status = Execution.StatusOf(failure);
            await DrainAsync();
            throw new ProgramExit(_status);
        }
        finally
        {
            if (input >= 0)
            {
                c.Process.Close(input);
            }
        }
        if (parallel == 1)
        {
            await ReapAsync();
        }
    }

    public async ValueTask<int> EndAsync()
    {
        await DrainAsync();
        return _status;
    }

    private async ValueTask DrainAsync()
    {
        while (_running > 0)
        {
            await ReapAsync();
        }
    }

    private async ValueTask ReapAsync()
    {
        if (await c.Process.WaitAsync(processId: null) is not { } ended)
        {
            return;
        }
        _running--;
        if (ended.Status.Signalled)
        {
            throw c.Die($"{Command}: terminated by signal {ended.Status.Code}", 125);
        }
        if (ended.Status.Code == 255)
        {
            throw c.Die($"{Command}: exited with status 255; aborting", 124);
        }
        if (ended.Status.Code != 0)
        {
            _status = ended.Status.Code is 126 or 127 && _status is not 123 ? ended.Status.Code : 123;
        }
    }

    private string Command => o.Operands.Count == 0 ? "echo" : o.Operands[0];
}
