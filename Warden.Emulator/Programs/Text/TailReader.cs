using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Finds the end of one file. What it holds meanwhile is memory of the process.</summary>
internal sealed class TailReader(Invocation c, int fd, long count, bool bytes, byte separator)
{
    private const int BlockSize = 64 * 1024;
    private readonly LinkedList<byte[]> _blocks = new();
    private readonly LinkedList<long> _lines = new();
    private long _held;
    private long _heldLines;

    public async ValueTask RunAsync(bool fromStart)
    {
        if (fromStart)
        {
            await SkipAsync();
            return;
        }
        SeekNearEnd();
        try
        {
            await CollectAsync();
            Show();
        }
        finally
        {
            c.Process.Free(_held);
        }
    }

    // A large regular file is not read from its beginning for its last bytes.
    private void SeekNearEnd()
    {
        try
        {
            var file = c.Process.GetFile(fd);
            var start = file.Seek(0, SeekOrigin.Current);
            var size = file.Status.Size;
            if (bytes && file.Status.Kind == FileSystem.FileKind.Regular && size - start > count)
            {
                file.Seek(size - count, SeekOrigin.Begin);
            }
        }
        catch (ErrnoException)
        {
            // A pipe is read through.
        }
    }

    private async ValueTask CollectAsync()
    {
        var buffer = new byte[BlockSize];
        while (true)
        {
            var filled = 0;
            while (filled < buffer.Length)
            {
                var step = await c.Process.ReadAsync(fd, buffer.AsMemory(filled));
                if (step == 0)
                {
                    break;
                }
                filled += step;
            }
            if (filled == 0)
            {
                return;
            }
            var block = buffer.AsSpan(0, filled).ToArray();
            c.Process.Allocate(block.Length);
            _blocks.AddLast(block);
            _held += block.Length;
            if (!bytes)
            {
                var lines = block.AsSpan().Count(separator);
                _lines.AddLast(lines);
                _heldLines += lines;
            }
            DropEarly();
            await c.Process.CheckpointAsync();
        }
    }

    private void DropEarly()
    {
        while (_blocks.First is { } first && (bytes ? _held - first.Value.Length >= count : _heldLines - _lines.First!.Value > count))
        {
            _held -= first.Value.Length;
            c.Process.Free(first.Value.Length);
            _blocks.RemoveFirst();
            if (!bytes)
            {
                _heldLines -= _lines.First!.Value;
                _lines.RemoveFirst();
            }
        }
    }

    private void Show()
    {
        if (_blocks.Last is not { } lastBlock || count == 0)
        {
            return;
        }
        var drop = bytes ? Math.Max(0, _held - count) : 0;
        // The last line counts also without its newline.
        var dropLines = bytes ? 0 : Math.Max(0, _heldLines + (lastBlock.Value[^1] == separator ? 0 : 1) - count);
        foreach (var block in _blocks)
        {
            var at = (int)Math.Min(drop, block.Length);
            drop -= at;
            while (dropLines > 0 && at < block.Length)
            {
                var next = block.AsSpan(at).IndexOf(separator);
                at = next < 0 ? block.Length : at + next + 1;
                dropLines -= next < 0 ? 0 : 1;
            }
            c.Write(block.AsSpan(at));
        }
    }

    private async ValueTask SkipAsync()
    {
        var skip = Math.Max(0, count - 1);
        var buffer = new byte[BlockSize];
        while (true)
        {
            var filled = await c.Process.ReadAsync(fd, buffer);
            if (filled == 0)
            {
                return;
            }
            var at = 0;
            if (bytes)
            {
                at = (int)Math.Min(skip, filled);
                skip -= at;
            }
            while (!bytes && skip > 0 && at < filled)
            {
                var next = buffer.AsSpan(at, filled - at).IndexOf(separator);
                at = next < 0 ? filled : at + next + 1;
                skip -= next < 0 ? 0 : 1;
            }
            await Cat.WriteOutputAsync(c, buffer.AsMemory(at, filled - at));
        }
    }
}
