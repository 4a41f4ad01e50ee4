using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>A here-document: an unnamed file that holds its text.</summary>
internal sealed class DocumentFile(byte[] content, DateTimeOffset now) : OpenFile
{
    private int _at;

    public override string Name => "/tmp/sh-thd (deleted)";

    public override FileStatus Status => new()
    {
        Kind = FileKind.Regular,
        Mode = 0x180,
        UserId = 0,
        GroupId = 0,
        Size = content.Length,
        Links = 0,
        Modified = now,
        Changed = now,
        Accessed = now,
    };

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, content.Length - _at);
        content.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        return new(count);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _at, _ => content.Length };
        if (target < 0 || target > content.Length)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        _at = (int)target;
        return target;
    }
}
