using System.Globalization;
using System.Net;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>One request and its answer (RFC 9112) over a connection of its own.</summary>
internal sealed class HttpExchange : IDisposable
{
    private const int LongestLine = 100 * 1024;
    private readonly Process _process;
    private readonly StreamSocket _socket;
    private readonly CancellationToken _timeout;
    private readonly int _fd;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long? _left;
    private bool _chunked;
    private bool _chunksBegun;

    private HttpExchange(Process process, StreamSocket socket, CancellationToken timeout)
    {
        _process = process;
        _socket = socket;
        _timeout = timeout;
        _fd = process.Install(socket, 3, closeOnExec: true);
    }

    public IPEndPoint Remote => _socket.RemoteEndPoint;

    public IPEndPoint Local => _socket.LocalEndPoint;

    /// <summary>The first line of the answer.</summary>
    public string StatusLine { get; private set; } = "";

    public int Status { get; private set; }

    public string Reason { get; private set; } = "";

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>Bytes of the body as announced, or null.</summary>
    public long? Length { get; private set; }

    public string? Header(string name) => Headers.FindLast(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Connects.</summary>
    /// <param name="process">The calling process.</param>
    /// <param name="remote">The server.</param>
    /// <param name="connectTimeout">How long to wait for the connection.</param>
    /// <param name="timeout">Ends every later wait with <see cref="TimeoutException"/>.</param>
    /// <exception cref="ErrnoException">As connect(2).</exception>
    public static async ValueTask<HttpExchange> ConnectAsync(Process process, IPEndPoint remote, TimeSpan? connectTimeout, CancellationToken timeout) =>
        new(process, await process.Container.Network.ConnectAsync(process, remote, connectTimeout), timeout);

    /// <summary>Sends the head and the body and reads the answer's head, passing over interim ones.</summary>
    /// <returns>False when the server closed without an answer.</returns>
    public async ValueTask<bool> SendAsync(string head, byte[] body, bool hasNoBody)
    {
        var message = new byte[head.Length + body.Length];
        ByteText.ToBytes(head).CopyTo(message, 0);
        body.CopyTo(message, head.Length);
        await LimitAsync(_socket.WriteAsync(_process, message).AsTask());
        do
        {
            if (await ReadLineAsync() is not { } line)
            {
                return false;
            }
            ParseStatus(line);
            Headers.Clear();
            while (await ReadLineAsync() is { Length: > 0 } header)
            {
                var colon = header.IndexOf(':', StringComparison.Ordinal);
                Headers.Add(colon < 0 ? new(header, "") : new(header[..colon], header[(colon + 1)..].Trim()));
            }
        }
        while (Status is >= 100 and < 200);
        _chunked = Header("Transfer-Encoding")?.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) ?? false;
        Length = !_chunked && long.TryParse(Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
        _left = hasNoBody || Status is 204 or 304 ? 0 : _chunked ? 0 : Length;
        _chunked &= !hasNoBody && Status is not (204 or 304);
        return true;
    }

    /// <summary>Reads of the body; empty at its end.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the body did.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync()
    {
        if (_chunked && _left == 0 && !await NextChunkAsync())
        {
            return default;
        }
        if (_left == 0)
        {
            return default;
        }
        if (_start == _end && !await FillAsync())
        {
            return _left is null ? default : throw new EndOfStreamException();
        }
        var count = (int)Math.Min(_left ?? int.MaxValue, _end - _start);
        var data = _buffer.AsMemory(_start, count);
        _start += count;
        _left -= count;
        return data;
    }

    public void Dispose() => _process.Close(_fd);

    private async ValueTask<bool> NextChunkAsync()
    {
        if (_chunksBegun)
        {
            await ReadLineAsync();
        }
        _chunksBegun = true;
        var line = await ReadLineAsync() ?? throw new EndOfStreamException();
        if (!long.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
        {
            throw new EndOfStreamException();
        }
        if (size == 0)
        {
            while (await ReadLineAsync() is { Length: > 0 })
            {
                // Trailers are of no use here.
            }
            _chunked = false;
            _left = 0;
            return false;
        }
        _left = size;
        return true;
    }

    private void ParseStatus(string line)
    {
        StatusLine = line;
        var words = line.Split(' ', 3);
        Status = words.Length > 1 && words[0].StartsWith("HTTP/", StringComparison.Ordinal) && int.TryParse(words[1], out var status)
            ? status : throw new InvalidDataException(line);
        Reason = words.Length > 2 ? words[2] : "";
    }

    private async ValueTask<string?> ReadLineAsync()
    {
        var line = new System.Text.StringBuilder();
        while (line.Length < LongestLine)
        {
            if (_start == _end && !await FillAsync())
            {
                return line.Length == 0 ? null : line.ToString();
            }
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var count = at < 0 ? _end - _start : at;
            line.Append(ByteText.FromBytes(_buffer.AsSpan(_start, count)));
            _start += at < 0 ? count : count + 1;
            if (at >= 0)
            {
                return line.ToString().TrimEnd('\r');
            }
        }
        throw new InvalidDataException("header too long");
    }

    private async ValueTask<bool> FillAsync()
    {
        _start = 0;
        _end = 0;
        var read = _socket.ReadAsync(_process, _buffer).AsTask();
        await LimitAsync(read);
        _end = await read;
        return _end > 0;
    }

    private async ValueTask LimitAsync(Task work)
    {
        try
        {
            await work.WaitAsync(_timeout);
        }
        catch (OperationCanceledException) when (_timeout.IsCancellationRequested)
        {
            _process.Checkpoint();
            throw new TimeoutException();
        }
    }
}
