using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;

namespace Warden.Emulator.Shell.Execution;

/// <summary>A UDP socket that was connected: what /dev/udp opens. Each write is a datagram.</summary>
internal sealed class DatagramConnection(DatagramSocket socket, IPEndPoint remote) : OpenFile
{
    public override string Name => socket.Name;

    public override FileStatus Status => socket.Status;

    public override async ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        var (data, _) = await socket.ReceiveAsync(process);
        var count = Math.Min(data.Length, buffer.Length);
        data.AsSpan(0, count).CopyTo(buffer.Span);
        return count;
    }

    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data) => socket.SendAsync(process, data, remote);
}
