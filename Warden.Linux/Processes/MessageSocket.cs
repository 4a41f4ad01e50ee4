using System.Buffers.Binary;
using System.Net.Sockets;

namespace Warden.Linux.Processes;

/// <summary>Whole messages over a stream socket. One reader at a time; writers take turns.</summary>
internal sealed class MessageSocket : IDisposable
{
    // The longest is a state with the ids of the jobs that run.
    private const uint LongestBody = 16 * 1024 * 1024;

    private const int LongestJoined = 4096;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    public MessageSocket(Socket socket) => _socket = socket;

    /// <summary>
    /// Sends a message whose body comes in two parts. A token never cuts it: what was begun is sent whole.
    /// </summary>
    public async ValueTask SendAsync(MessageType type, uint tag, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> tail = default)
    {
        // A short tail goes along: two parts would wake the monitor twice.
        var joined = tail.Length <= LongestJoined ? tail.Length : 0;
        var head = new byte[MonitorProtocol.HeaderSize + body.Length + joined];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)(body.Length + tail.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)type);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), tag);
        body.CopyTo(head.AsMemory(MonitorProtocol.HeaderSize));
        tail[..joined].CopyTo(head.AsMemory(MonitorProtocol.HeaderSize + body.Length));

        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await SendAsync(head).ConfigureAwait(false);
            await SendAsync(tail[joined..]).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The next message; null at the connection's end.</summary>
    /// <exception cref="EndOfStreamException">The connection ended within a message.</exception>
    /// <exception cref="InvalidDataException">A message is longer than any that there is.</exception>
    public async ValueTask<MonitorMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < MonitorProtocol.HeaderSize)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return _end == _start ? null : throw new EndOfStreamException("The monitor's connection ended within a message");
            }
        }

        var header = _buffer.AsSpan(_start);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var type = (MessageType)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var tag = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        _start += MonitorProtocol.HeaderSize;
        if (length > LongestBody)
        {
            throw new InvalidDataException($"The monitor sent a message of {length} bytes");
        }

        var body = length == 0 ? [] : new byte[length];
        var have = (int)Math.Min(length, (uint)(_end - _start));
        _buffer.AsSpan(_start, have).CopyTo(body);
        _start += have;
        while (have < body.Length)
        {
            var count = await _socket.ReceiveAsync(body.AsMemory(have), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            have += count > 0 ? count : throw new EndOfStreamException("The monitor's connection ended within a message");
        }

        return new MonitorMessage(type, tag, body);
    }

    /// <summary>Ends the connection for both directions; who reads sees its end.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await _socket.SendAsync(data, SocketFlags.None).ConfigureAwait(false)..];
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }
}
