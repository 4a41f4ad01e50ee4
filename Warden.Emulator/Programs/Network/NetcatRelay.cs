using System.Net;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>What netcat reads from and writes to: a connection or the datagrams of one peer.</summary>
internal abstract class NetcatChannel
{
    /// <summary>Reads; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer);

    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> data);

    public abstract void ShutdownWrite();
}

/// <summary>A TCP connection.</summary>
internal sealed class TcpChannel(Process process, StreamSocket socket) : NetcatChannel
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer) => socket.ReadAsync(process, buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data) => socket.WriteAsync(process, data);

    public override void ShutdownWrite() => socket.ShutdownWrite();
}

/// <summary>Datagrams to and from a peer; connected, it drops those of others.</summary>
internal sealed class UdpChannel(Process process, DatagramSocket socket, IPEndPoint peer, bool connected, byte[]? first) : NetcatChannel
{
    private byte[]? _first = first;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        while (true)
        {
            byte[] data;
            if (_first is { } waiting)
            {
                (data, _first) = (waiting, null);
            }
            else
            {
                (data, var from) = await socket.ReceiveAsync(process);
                if (connected && !from.Equals(peer))
                {
                    continue;
                }
            }
            // An empty datagram is no end.
            if (data.Length == 0)
            {
                continue;
            }
            var count = Math.Min(data.Length, buffer.Length);
            data.AsMemory(0, count).CopyTo(buffer);
            return count;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data) => socket.SendAsync(process, data, peer);

    public override void ShutdownWrite()
    {
    }
}

/// <summary>
/// Relays until netcat ends: a client when both directions have ended, a listener when its peer has.
/// </summary>
internal sealed class NetcatRelay(Process process, NetcatOptions options, NetcatChannel channel, NetcatInput input)
{
    private const int BufferSize = 16384;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _inputDone;
    private bool _networkDone;
    private bool _outputDone;
    private bool _sending;
    private bool _sendingDone;
    private long _activity = process.Clock.GetTimestamp();

    public async ValueTask RunAsync()
    {
        // What still waits when the relay is over is left alone; what it throws then is nobody's.
        // Input that is there already is sent even to a peer that has ended its own side.
        _ = Guard(options.Has('d') ? EndInputAsync() : FromInputAsync());
        _ = Guard(FromNetworkAsync());
        if (options.Timeout is { Ticks: > 0 } idle)
        {
            _ = Guard(WatchIdleAsync(idle));
        }
        await process.WaitForAsync(_over.Task);
        await _over.Task;
    }

    private async Task Guard(ValueTask work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            _over.TrySetResult();
        }
        catch (Exception failure)
        {
            _over.TrySetException(failure);
        }
    }

    private async ValueTask FromInputAsync()
    {
        try
        {
            while (await input.NextAsync(_over.Task) is { IsEmpty: false } data)
            {
                Volatile.Write(ref _activity, process.Clock.GetTimestamp());
                Set(ref _sending, true);
                var sent = await SendAsync(data);
                Set(ref _sending, false);
                if (!sent)
                {
                    Set(ref _sendingDone);
                    return;
                }
            }
        }
        catch (ErrnoException)
        {
            // A standard input that cannot be read has ended.
        }
        if (!_over.Task.IsCompleted)
        {
            await EndInputAsync();
        }
    }

    private async ValueTask EndInputAsync()
    {
        if (options.Has('N'))
        {
            channel.ShutdownWrite();
        }
        Set(ref _inputDone);
        if (options.Quit is { } wait)
        {
            await process.SleepAsync(wait);
            _over.TrySetResult();
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> data)
    {
        try
        {
            foreach (var piece in Pieces(data))
            {
                await channel.WriteAsync(options.Has('C') ? WithCarriageReturns(piece.Span) : piece);
                Volatile.Write(ref _activity, process.Clock.GetTimestamp());
                if (options.Interval is { } pause)
                {
                    await process.SleepAsync(pause);
                }
            }
            return true;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    // With an interval it sends line by line.
    private IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> data)
    {
        while (options.Interval is not null && data.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            yield return data[..(end + 1)];
            data = data[(end + 1)..];
        }
        if (!data.IsEmpty)
        {
            yield return data;
        }
    }

    private static byte[] WithCarriageReturns(ReadOnlySpan<byte> data)
    {
        var text = ByteText.FromBytes(data);
        return ByteText.ToBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    private async ValueTask FromNetworkAsync()
    {
        var buffer = new byte[BufferSize];
        var received = 0;
        try
        {
            while (await channel.ReadAsync(buffer) is > 0 and var count)
            {
                Volatile.Write(ref _activity, process.Clock.GetTimestamp());
                try
                {
                    await process.WriteAsync(1, buffer.AsMemory(0, count));
                }
                catch (ErrnoException)
                {
                    Set(ref _outputDone);
                    break;
                }
                if (++received == options.ReceiveLimit)
                {
                    _over.TrySetResult();
                    return;
                }
            }
        }
        catch (ErrnoException)
        {
            // A reset or a refused datagram ends the direction as an end does.
        }
        Set(ref _networkDone);
    }

    private async ValueTask WatchIdleAsync(TimeSpan idle)
    {
        while (true)
        {
            var left = idle - process.Clock.GetElapsedTime(Volatile.Read(ref _activity));
            if (left <= TimeSpan.Zero)
            {
                _over.TrySetResult();
            }
            if (_over.Task.IsCompleted)
            {
                return;
            }
            await process.SleepAsync(left);
        }
    }

    private void Set(ref bool flag, bool value = true)
    {
        bool over;
        lock (_gate)
        {
            flag = value;
            over = !_sending && (_networkDone || _outputDone ? options.Has('l') || _inputDone || _sendingDone : _sendingDone && options.Has('u'));
        }
        if (over)
        {
            _over.TrySetResult();
        }
    }
}
