using System.Text;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Buffered reading of a descriptor by blocks, lines and bytes. It closes the descriptor, except the standard input.</summary>
internal sealed class ByteReader(Process process, int fd, int bufferSize = 64 * 1024) : IDisposable
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _ended;

    public bool IsStandardInput => fd == 0;

    /// <summary>Whether the last line that was read ended with the separator.</summary>
    public bool LastLineEnded { get; private set; }

    /// <summary>The next bytes, which stay valid until the next call; empty at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBlockAsync()
    {
        if (_start == _end && !await FillAsync())
        {
            return default;
        }
        var block = _buffer.AsMemory(_start, _end - _start);
        _start = _end;
        return block;
    }

    /// <summary>The next line without its separator, or null at the end.</summary>
    public async ValueTask<string?> ReadLineAsync(byte separator = (byte)'\n')
    {
        StringBuilder? longLine = null;
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(separator);
            if (at >= 0)
            {
                var rest = Encoding.Latin1.GetString(_buffer, _start, at);
                _start += at + 1;
                LastLineEnded = true;
                return longLine is null ? rest : longLine.Append(rest).ToString();
            }
            if (_end > _start)
            {
                longLine ??= new StringBuilder();
                longLine.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
                _start = _end;
            }
            if (!await FillAsync())
            {
                LastLineEnded = false;
                return longLine?.ToString();
            }
        }
    }

    /// <summary>The next byte, or -1 at the end.</summary>
    public async ValueTask<int> ReadByteAsync() => _start == _end && !await FillAsync() ? -1 : _buffer[_start++];

    /// <summary>The next byte without taking it, or -1 at the end.</summary>
    public async ValueTask<int> PeekByteAsync() => _start == _end && !await FillAsync() ? -1 : _buffer[_start];

    /// <summary>Everything that is left.</summary>
    public async ValueTask<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var block = await ReadBlockAsync();
            if (block.IsEmpty)
            {
                return text.ToString();
            }
            text.Append(Encoding.Latin1.GetString(block.Span));
        }
    }

    /// <summary>Fills the memory as far as the input goes and returns the count.</summary>
    public async ValueTask<int> ReadFullyAsync(Memory<byte> target)
    {
        var count = 0;
        while (count < target.Length)
        {
            if (_start == _end && !await FillAsync())
            {
                break;
            }
            var step = Math.Min(target.Length - count, _end - _start);
            _buffer.AsMemory(_start, step).CopyTo(target[count..]);
            _start += step;
            count += step;
        }
        return count;
    }

    /// <summary>Gives what was read ahead back to the file, where it can be moved.</summary>
    public void GiveBack()
    {
        if (_end > _start)
        {
            try
            {
                process.GetFile(fd).Seek(_start - _end, SeekOrigin.Current);
            }
            catch (ErrnoException)
            {
                // A pipe: what was read is gone, as it is for the real program.
            }
            _start = _end;
        }
    }

    public void Dispose()
    {
        if (fd != 0)
        {
            process.Close(fd);
        }
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_ended)
        {
            return false;
        }
        if (_buffer.Length == 0)
        {
            _buffer = new byte[bufferSize];
        }
        _start = 0;
        _end = 0;
        _end = await process.ReadAsync(fd, _buffer);
        _ended = _end == 0;
        return !_ended;
    }
}
