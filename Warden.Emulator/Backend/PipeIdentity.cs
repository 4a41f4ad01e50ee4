using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Backend;

/// <summary>What /proc and fstat(2) say of a pipe between the server and a job.</summary>
internal sealed class PipeIdentity(EmulatedContainer container)
{
    private readonly long _number = container.NextPipe();

    public string Name => $"pipe:[{_number}]";

    public FileStatus Status => new()
    {
        Kind = FileKind.Fifo,
        Mode = 0x180,
        UserId = 0,
        GroupId = 0,
        Size = 0,
        Inode = _number,
        Modified = container.Started,
    };
}
