using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>
/// The lines of an open file, and nothing of it beyond the line: what follows is the input of the commands. A file that can be put back
/// is read in blocks, another one byte by byte.
/// </summary>
internal sealed class DescriptorSource : IScriptSource
{
    private readonly Process _process;
    private readonly int _fd;
    private readonly byte[] _buffer;
    private readonly bool _seeks;
    private readonly System.Text.StringBuilder _line = new();

    public DescriptorSource(Process process, int fd)
    {
        _process = process;
        _fd = fd;
        try
        {
            process.GetFile(fd).Seek(0, SeekOrigin.Current);
            _seeks = true;
        }
        catch (ErrnoException)
        {
            _seeks = false;
        }

        _buffer = new byte[_seeks ? 256 : 1];
    }

    public async ValueTask<string?> ReadLineAsync()
    {
        _line.Clear();
        try
        {
            while (true)
            {
                var count = await _process.ReadAsync(_fd, _buffer);
                if (count == 0)
                {
                    return _line.Length == 0 ? null : _line.ToString();
                }

                var end = _buffer.AsSpan(0, count).IndexOf((byte)'\n');
                var used = end < 0 ? count : end + 1;
                for (var i = 0; i < used; i++)
                {
                    // A NUL in a script is passed over.
                    if (_buffer[i] != 0)
                    {
                        _line.Append((char)_buffer[i]);
                    }
                }

                if (end >= 0)
                {
                    if (_seeks && used < count)
                    {
                        _process.GetFile(_fd).Seek(used - count, SeekOrigin.Current);
                    }

                    return _line.ToString();
                }
            }
        }
        catch (ErrnoException)
        {
            // A script whose file was closed or is a directory ends there.
            return _line.Length == 0 ? null : _line.ToString();
        }
    }
}

/// <summary>Prints the lines of another source as they are read, while set -v is on.</summary>
internal sealed class VerboseSource(IScriptSource inner, Interpreter shell) : IScriptSource
{
    public ValueTask<string?> ReadLineAsync()
    {
        return shell.Options.Verbose ? PrintAsync() : inner.ReadLineAsync();
    }

    private async ValueTask<string?> PrintAsync()
    {
        var line = await inner.ReadLineAsync();
        if (line is not null)
        {
            await shell.WriteErrorAsync(line);
        }

        return line;
    }
}
