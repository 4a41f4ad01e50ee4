using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

/// <summary>The writing end of a pipe whose reader is outside the container.</summary>
/// <param name="container">The container of those who write.</param>
/// <param name="write">Takes what a process writes; the memory is only valid until it completes.</param>
/// <param name="closed">Called when nothing holds the pipe open any more.</param>
internal sealed class OutputSink(EmulatedContainer container, Func<Process, ReadOnlyMemory<byte>, ValueTask> write, Action? closed = null) : OpenFile
{
    private readonly OutsidePipe _pipe = new(container);

    public override FileStatus Status => _pipe.Status;

    public override string Name => _pipe.Name;

    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data) => data.IsEmpty ? default : write(process, data);

    protected internal override void OnClosed() => closed?.Invoke();
}

/// <summary>
/// The reading end of a pipe that holds a script. A read takes what it asks for and no more: what the shell leaves is the input of the
/// programs that it starts.
/// </summary>
internal sealed class ScriptInput(EmulatedContainer container, ReadOnlyMemory<byte> script) : OpenFile
{
    private readonly Lock _lock = new();
    private readonly OutsidePipe _pipe = new(container);
    private ReadOnlyMemory<byte> _rest = script;

    public override FileStatus Status => _pipe.Status;

    public override string Name => _pipe.Name;

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        lock (_lock)
        {
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return new(count);
        }
    }
}

/// <summary>What a pipe to the outside looks like.</summary>
internal sealed class OutsidePipe(EmulatedContainer container)
{
    private readonly long _number = container.NextPipe();
    private readonly DateTimeOffset _made = container.Clock.GetUtcNow();

    internal string Name => $"pipe:[{_number}]";

    internal FileStatus Status => new()
    {
        Kind = FileKind.Fifo,
        Mode = 0x180,
        UserId = 0,
        GroupId = 0,
        Size = 0,
        Inode = _number,
        Device = 13,
        Modified = _made,
        Changed = _made,
        Accessed = _made,
    };
}
