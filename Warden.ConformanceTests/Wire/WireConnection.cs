using System.Diagnostics;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Wire;

/// <summary>A client's connection, in frames and in bytes. Every read has a deadline.</summary>
public sealed class WireConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65536];
    private readonly WireLog? _log = WireLog.Current;
    private readonly int _number;
    private int _start;
    private int _end;

    private WireConnection(Socket socket)
    {
        _socket = socket;
        _number = _log?.Connected() ?? 0;
    }

    public Socket Socket => _socket;

    public static async Task<WireConnection> ConnectAsync(string socketPath)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await ConnectAsync(
                    new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(socketPath));
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock && watch.Elapsed < Deadline.Default)
            {
                // More connections wait than the server has room for until it takes some (unix(7)).
                await Task.Delay(5);
            }
        }
    }

    public static async Task<WireConnection> ConnectAsync(Socket socket, System.Net.EndPoint endPoint)
    {
        try
        {
            using var deadline = new CancellationTokenSource(Deadline.Default);
            await socket.ConnectAsync(endPoint, deadline.Token);
            return new WireConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and does not wait.</summary>
    public Task SendAsync(string command, params (string Field, object? Value)[] fields) =>
        SendBytesAsync(WireFrame.Request(command, fields));

    public async Task SendBytesAsync(ReadOnlyMemory<byte> data)
    {
        _log?.Sent(_number, data.Span);
        using var deadline = new CancellationTokenSource(Deadline.Default);
        while (!data.IsEmpty)
        {
            data = data[await _socket.SendAsync(data, SocketFlags.None, deadline.Token)..];
        }
    }

    /// <summary>Ends the sending side.</summary>
    public void ShutdownSend()
    {
        _log?.Note(_number, "sends no more");
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Sends a request and returns its answer, which must be of the request's type.</summary>
    public async Task<WireMessage> CallAsync(string command, params (string Field, object? Value)[] fields)
    {
        await SendAsync(command, fields);
        return await ReadAsync(command);
    }

    /// <summary>Sends a request that must fail and returns the Error's text.</summary>
    public async Task<string> FailAsync(string command, params (string Field, object? Value)[] fields)
    {
        await SendAsync(command, fields);
        var reply = await ReadAsync();
        Assert.True(reply.IsError, $"{command} had to fail and was answered: {reply.Message}");
        return reply.Error;
    }

    /// <summary>Reads the answer to an earlier request.</summary>
    public async Task<WireMessage> ReadAsync(string command)
    {
        var reply = await ReadAsync();
        Assert.True(reply.Command == command, $"{command} was answered with {reply.Command}: {reply.Message}");
        return reply.Message;
    }

    /// <summary>Reads an answer, whatever it is.</summary>
    public async Task<WireReply> ReadAsync() =>
        await ReadOrEndAsync() ?? throw new WireFormatException("the connection was closed where an answer was due");

    /// <summary>Reads an answer, or null when the server has closed the connection at the end of a frame.</summary>
    public async Task<WireReply?> ReadOrEndAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Deadline.Default);
        try
        {
            if (await ReadFrameAsync(deadline.Token) is not { } payload)
            {
                _log?.Note(_number, "closed by the server");
                return null;
            }

            _log?.Received(_number, payload);
            return WireFrame.Open(payload);
        }
        catch (OperationCanceledException)
        {
            _log?.Note(_number, $"no answer within {within ?? Deadline.Default}");
            throw new TimeoutException($"no answer within {within ?? Deadline.Default}");
        }
    }

    /// <summary>Waits until the server closes the connection; an answer that comes instead is a failure.</summary>
    public async Task ExpectEndAsync()
    {
        var reply = await ReadOrEndAsync();
        Assert.True(reply is null, $"the connection had to be closed; {reply?.Command} came: {reply?.Message}");
    }

    public ValueTask DisposeAsync()
    {
        _log?.Note(_number, "closed");
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        var length = 0L;
        for (var digits = 0; ; digits++)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                return digits == 0 ? null : throw new WireFormatException("the connection was closed inside a frame's length");
            }

            var octet = _buffer[_start++];
            if (octet == '\r' && digits > 0)
            {
                break;
            }

            if (octet is < (byte)'0' or > (byte)'9')
            {
                throw new WireFormatException($"a frame's length contains the byte {octet}");
            }

            length = (length * 10) + octet - '0';
        }

        await ExpectAsync('\n', cancellationToken);
        var payload = new byte[length];
        for (var done = 0; done < payload.Length;)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
            {
                throw new WireFormatException("the connection was closed inside a frame");
            }

            var count = Math.Min(_end - _start, payload.Length - done);
            _buffer.AsSpan(_start, count).CopyTo(payload.AsSpan(done));
            _start += count;
            done += count;
        }

        await ExpectAsync('\r', cancellationToken);
        await ExpectAsync('\n', cancellationToken);
        return payload;
    }

    private async Task ExpectAsync(char expected, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
        {
            throw new WireFormatException("the connection was closed inside a frame");
        }

        if (_buffer[_start++] != expected)
        {
            throw new WireFormatException($"a frame has {_buffer[_start - 1]} where {(int)expected} is due");
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        try
        {
            _end = await _socket.ReceiveAsync(_buffer, SocketFlags.None, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // A server that closes with unread input resets the connection: an end as well.
            _end = 0;
        }

        return _end > 0;
    }
}
