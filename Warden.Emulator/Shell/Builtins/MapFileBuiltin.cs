using System.Text;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>mapfile and readarray.</summary>
internal sealed class MapFileBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => $"{name} [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var delimiter = '\n';
        var strip = false;
        long most = 0, origin = -1, skip = 0, quantum = 5000;
        var fd = 0;
        string? callback = null;
        var scanner = new OptionScanner(call, "d:n:O:s:tu:C:c:");
        while (scanner.TryNext(out var letter))
        {
            switch (letter)
            {
                case 'd':
                    delimiter = scanner.Argument!.Length == 0 ? '\0' : scanner.Argument[0];
                    break;
                case 't':
                    strip = true;
                    break;
                case 'C':
                    callback = scanner.Argument;
                    break;
                default:
                    if (!long.TryParse(scanner.Argument, out var number) || number < 0)
                    {
                        return await call.FailAsync($"{scanner.Argument}: invalid {(letter == 'u' ? "file descriptor specification" : letter == 'O' ? "array origin" : "line count")}");
                    }

                    most = letter == 'n' ? number : most;
                    origin = letter == 'O' ? number : origin;
                    skip = letter == 's' ? number : skip;
                    fd = letter == 'u' ? (int)number : fd;
                    quantum = letter == 'c' ? Math.Max(1, number) : quantum;
                    break;
            }
        }

        var variable = shell.Variables.GetOrCreate(scanner.Index < call.Arguments.Count ? call.Arguments[scanner.Index] : "MAPFILE");
        VariableStore.CheckWritable(variable);
        if (variable.Associative is not null)
        {
            return await call.FailAsync($"{variable.Name}: not an indexed array");
        }

        VariableStore.MakeIndexed(variable);
        if (origin < 0)
        {
            variable.Indexed!.Clear();
            origin = 0;
        }

        try
        {
            var lines = new DelimitedReader(shell.Process, fd, delimiter);
            for (var count = 0L; most == 0 || count < most + skip; count++)
            {
                await shell.Process.CheckpointAsync();
                if (await lines.ReadAsync() is not { } line)
                {
                    break;
                }

                if (count < skip)
                {
                    continue;
                }

                var index = origin + count - skip;
                if (strip && line.EndsWith(delimiter))
                {
                    line = line[..^1];
                }

                if (callback is not null && (count - skip + 1) % quantum == 0)
                {
                    await shell.RunTextAsync($"{callback} {index} {Expansion.Quoting.Single(line)}", "mapfile", shell.LineNumber);
                }

                variable.Indexed![index] = line.Replace("\0", "", StringComparison.Ordinal);
            }

            lines.Finish();
        }
        catch (ErrnoException error)
        {
            return await call.FailAsync($"{fd}: invalid file descriptor: {ErrnoException.Describe(error.Errno)}");
        }

        return 0;
    }
}

/// <summary>Reads pieces up to a delimiter, in blocks where the file can be put back, else byte by byte.</summary>
internal sealed class DelimitedReader
{
    private readonly Process _process;
    private readonly int _fd;
    private readonly char _delimiter;
    private readonly bool _seeks;
    private readonly byte[] _buffer;
    private int _at;
    private int _count;

    public DelimitedReader(Process process, int fd, char delimiter)
    {
        _process = process;
        _fd = fd;
        _delimiter = delimiter;
        try
        {
            process.GetFile(fd).Seek(0, SeekOrigin.Current);
            _seeks = true;
        }
        catch (ErrnoException error) when (error.Errno != Errno.EBADF)
        {
            _seeks = false;
        }

        _buffer = new byte[_seeks ? 4096 : 1];
    }

    /// <summary>The next piece with its delimiter; null at the end.</summary>
    public async ValueTask<string?> ReadAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            if (_at == _count)
            {
                _at = 0;
                _count = await _process.ReadAsync(_fd, _buffer);
                if (_count == 0)
                {
                    return text.Length == 0 ? null : text.ToString();
                }
            }

            var c = (char)_buffer[_at++];
            text.Append(c);
            if (c == _delimiter)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>Puts back what was read ahead.</summary>
    public void Finish()
    {
        if (_seeks && _at < _count)
        {
            _process.GetFile(_fd).Seek(_at - _count, SeekOrigin.Current);
            _at = _count = 0;
        }
    }
}
