using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Backend;

/// <summary>
/// A job's standard input: a pipe that holds the script and has no writer any more. What one process leaves of it the next one reads.
/// </summary>
internal sealed class ScriptPipe(ReadOnlyMemory<byte> script, EmulatedContainer container) : OpenFile
{
    private readonly PipeIdentity _identity = new(container);
    private readonly Lock _lock = new();
    private ReadOnlyMemory<byte> _rest = script;

    /// <inheritdoc/>
    public override FileStatus Status => _identity.Status;

    /// <inheritdoc/>
    public override string Name => _identity.Name;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        process.Checkpoint();
        lock (_lock)
        {
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return new(count);
        }
    }
}
