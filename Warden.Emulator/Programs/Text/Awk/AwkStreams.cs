using System.Text;
using System.Text.RegularExpressions;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The files and commands that an awk program has opened.</summary>
internal sealed class AwkStreams(Invocation c)
{
    private readonly Dictionary<string, (int Fd, int Child, ByteWriter Buffer)> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (AwkLines Lines, int Child)> _inputs = new(StringComparer.Ordinal);

    public async ValueTask WriteAsync(string redirection, string name, string text)
    {
        if (name is "/dev/stdout" or "-" && redirection != "|")
        {
            c.Write(text);
            await c.DrainAsync();
            return;
        }
        if (name == "/dev/stderr" && redirection != "|")
        {
            c.WarnRaw(text);
            await c.FlushMessagesAsync();
            return;
        }
        if (!_outputs.TryGetValue(name, out var output))
        {
            output = await OpenOutputAsync(redirection, name);
            _outputs[name] = output;
        }
        output.Buffer.Write(text);
        if (output.Buffer.Length > 64 * 1024)
        {
            await c.Process.WriteAsync(output.Fd, output.Buffer.Take());
        }
    }

    /// <summary>The lines of a file or of a command's output; null when the file cannot be opened.</summary>
    public async ValueTask<AwkLines?> OpenLinesAsync(bool command, string name)
    {
        if (_inputs.TryGetValue(name, out var input))
        {
            return input.Lines;
        }
        try
        {
            if (command)
            {
                await FlushAsync();
                var (read, write) = c.Process.Pipe();
                var child = Execution.Spawn(c, ["sh", "-c", name], p =>
                {
                    p.DuplicateTo(write, 1);
                    p.Close(read);
                    p.Close(write);
                });
                c.Process.Close(write);
                input = (new AwkLines(c, new ByteReader(c.Process, read)), child.Id);
            }
            else
            {
                input = (new AwkLines(c, new ByteReader(c.Process, await c.OpenInputAsync(name == "/dev/stdin" ? "-" : name))), 0);
            }
        }
        catch (ErrnoException)
        {
            return null;
        }
        _inputs[name] = input;
        return input.Lines;
    }

    /// <summary>Closes a stream: 0 or the command's status; -1 when none is open.</summary>
    public async ValueTask<double> CloseAsync(string name)
    {
        double status = -1;
        if (_outputs.Remove(name, out var output))
        {
            await EmptyAsync(output.Fd, output.Buffer);
            c.Process.Close(output.Fd);
            status = output.Child == 0 ? 0 : (await Execution.WaitAsync(c, output.Child)).ShellStatus;
        }
        if (_inputs.Remove(name, out var input))
        {
            input.Lines.Dispose();
            status = input.Child == 0 ? 0 : (await Execution.WaitAsync(c, input.Child)).ShellStatus;
        }
        return status;
    }

    public async ValueTask FlushAsync()
    {
        await c.FlushAsync();
        foreach (var (fd, _, buffer) in _outputs.Values)
        {
            await EmptyAsync(fd, buffer);
        }
    }

    public async ValueTask CloseAllAsync()
    {
        await c.FlushAsync();
        foreach (var name in _outputs.Keys.Concat(_inputs.Keys).ToList())
        {
            await CloseAsync(name);
        }
    }

    private async ValueTask EmptyAsync(int fd, ByteWriter buffer)
    {
        if (buffer.Length > 0)
        {
            await c.Process.WriteAsync(fd, buffer.Take());
        }
    }

    private async ValueTask<(int Fd, int Child, ByteWriter Buffer)> OpenOutputAsync(string redirection, string name)
    {
        if (redirection == "|")
        {
            await FlushAsync();
            var (read, write) = c.Process.Pipe();
            var child = Execution.Spawn(c, ["sh", "-c", name], p =>
            {
                p.DuplicateTo(read, 0);
                p.Close(read);
                p.Close(write);
            });
            c.Process.Close(read);
            return (write, child.Id, new ByteWriter());
        }
        try
        {
            var fd = await c.Process.OpenAsync(name, OpenFlags.Write | OpenFlags.Create | (redirection == ">>" ? OpenFlags.Append : OpenFlags.Truncate));
            return (fd, 0, new ByteWriter());
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"cannot open \"{name}\" for output ({failure.Message})", 2);
        }
    }
}

/// <summary>Reads records: lines, paragraphs, or pieces between a character or expression.</summary>
internal sealed class AwkLines(Invocation c, ByteReader reader) : IDisposable
{
    private string? _rest;

    public void Dispose() => reader.Dispose();

    public async ValueTask<string?> NextAsync(string separator)
    {
        if (separator.Length == 1)
        {
            return await reader.ReadLineAsync((byte)separator[0]);
        }
        if (separator.Length == 0)
        {
            return await ParagraphAsync();
        }
        // An expression may match across any boundary: the whole input is at hand.
        _rest ??= await reader.ReadToEndAsync();
        if (_rest.Length == 0)
        {
            return null;
        }
        Regex regex = AwkParser.Compile(c, separator);
        var match = regex.Match(_rest);
        while (match.Success && match.Length == 0)
        {
            match = match.NextMatch();
        }
        var record = match.Success ? _rest[..match.Index] : _rest.EndsWith('\n') ? _rest[..^1] : _rest;
        _rest = match.Success ? _rest[(match.Index + match.Length)..] : "";
        return record;
    }

    private async ValueTask<string?> ParagraphAsync()
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync();
        }
        while (line is { Length: 0 });
        if (line is null)
        {
            return null;
        }
        var text = new StringBuilder(line);
        while (await reader.ReadLineAsync() is { Length: > 0 } more)
        {
            text.Append('\n').Append(more);
        }
        return text.ToString();
    }
}
