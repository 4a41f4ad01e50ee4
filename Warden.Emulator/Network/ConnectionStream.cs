using System.Net;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>One end of an emulated TCP connection as a .NET stream. Failures are <see cref="IOException"/>s with the errno's text.</summary>
public sealed class ConnectionStream : Stream
{
    private readonly TcpSocket _socket;

    internal ConnectionStream(TcpSocket socket) => _socket = socket;

    /// <summary>The own end.</summary>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>The other end as address translation shows it.</summary>
    public IPEndPoint RemoteEndPoint => _socket.RemoteEndPoint;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>shutdown(2) of the sending side: the other end reads to an end and can still send.</summary>
    public void ShutdownWrite() => _socket.ShutdownWrite();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (ErrnoException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _socket.SendAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (ErrnoException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Close();
        }
        base.Dispose(disposing);
    }
}
