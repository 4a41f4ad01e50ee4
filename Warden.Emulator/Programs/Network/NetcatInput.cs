using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>
/// The standard input of netcat, which outlives a connection: a read that still waits when one ends serves the next (nc -k). The last one
/// ends with the process.
/// </summary>
internal sealed class NetcatInput(Process process)
{
    private readonly byte[] _buffer = new byte[16384];
    private Task<int>? _pending;

    /// <summary>The next bytes; empty at the end of the input, or when <paramref name="over"/> completes first.</summary>
    /// <exception cref="ErrnoException">The input cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(Task over)
    {
        _pending ??= process.ReadAsync(0, _buffer).AsTask();
        await Task.WhenAny(_pending, over);
        if (over.IsCompleted)
        {
            return default;
        }
        var read = _pending;
        _pending = null;
        return _buffer.AsMemory(0, await read);
    }
}
