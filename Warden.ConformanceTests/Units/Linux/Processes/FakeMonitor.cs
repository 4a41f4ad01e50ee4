using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Warden.Linux.Interop;
using Warden.Linux.Processes;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>
/// A monitor that says what the test says, on a socket in a directory whose path is longer than a socket's address. Two sleeping
/// processes stand for the monitor's own and for init.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FakeMonitor : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Support.Deadline.Default;

    private readonly string _base = Directory.CreateTempSubdirectory("warden-monitor-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<(MessageType Type, uint Tag, byte[] Body)> _requests = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Process _monitor = Sleeper();
    private readonly Process _init = Sleeper();
    private readonly Task _serving;
    private Socket? _connection;

    public FakeMonitor(params uint[] running)
    {
        RunDirectory = Path.Combine(_base, new string('d', 120), "run");
        Directory.CreateDirectory(Path.Combine(RunDirectory, "jobs"));
        using var directory = DirectoryHandle.Open(RunDirectory)!;
        // .NET removes a bound socket's file by that name when it is closed, when another directory may have the descriptor's number: its
        // name is one that no monitor's socket has.
        _listener.Bind(new UnixDomainSocketEndPoint($"/proc/self/fd/{directory.DangerousGetHandle()}/fake.sock"));
        File.Move(Path.Combine(RunDirectory, "fake.sock"), Path.Combine(RunDirectory, "monitor.sock"));
        _listener.Listen();
        Running = running;
        Ended = Task.WhenAll(_monitor.WaitForExitAsync(), _init.WaitForExitAsync());
        _serving = ServeAsync();
    }

    public string RunDirectory { get; }

    public uint[] Running { get; set; }

    public uint Version { get; set; } = 1;

    public bool InitAlive { get; set; } = true;

    public bool OutOfMemory { get; set; }

    public bool IsSilent { get; set; }

    public int InitPid => _init.Id;

    /// <summary>Completes when both processes have ended.</summary>
    public Task Ended { get; }

    public string LogOf(uint job) => JobLog.PathOf(RunDirectory, job);

    public void WriteLog(uint job, params byte[][] records) => File.WriteAllBytes(LogOf(job), [.. records.SelectMany(record => record)]);

    /// <summary>Names the two processes in the files that recovery reads.</summary>
    public void WriteProcessFiles(ulong skew = 0)
    {
        foreach (var (name, process) in new[] { ("monitor.pid", _monitor), ("init.pid", _init) })
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{process.Id} {HostProcess.ReadStartTime(process.Id)!.Value + skew}\n");
            File.WriteAllText(Path.Combine(RunDirectory, name), line);
        }
    }

    public async Task<ContainerMonitor> ConnectAsync() =>
        await ContainerMonitor.ConnectAsync(RunDirectory, null, default) ?? throw new InvalidOperationException("The monitor is gone.");

    /// <summary>The next request, which is of that type.</summary>
    public async Task<(uint Tag, byte[] Body)> ExpectAsync(MessageType type)
    {
        if (!await _arrived.WaitAsync(Patience) || !_requests.TryDequeue(out var request))
        {
            throw new TimeoutException($"No {type} came.");
        }

        return request.Type == type ? (request.Tag, request.Body) : throw new InvalidDataException($"A {request.Type} came, no {type}.");
    }

    public void Send(MessageType type, uint tag, params byte[] body) => SendRaw([.. Header((uint)body.Length, type, tag), .. body]);

    public void SendRaw(byte[] bytes) => _connection!.Send(bytes);

    public void Fail(uint tag, int code, string step, string path, string text)
    {
        var body = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(body, code);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), (ushort)step.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(6), (ushort)path.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), text.Length);
        Send(MessageType.Failed, tag, [.. body, .. Encoding.UTF8.GetBytes(step + path + text)]);
    }

    /// <summary>Ends the connection, and listens no more.</summary>
    public void Die()
    {
        _listener.Dispose();
        _connection?.Dispose();
    }

    public static byte[] Header(uint length, MessageType type, uint tag)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)type);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), tag);
        return header;
    }

    public async ValueTask DisposeAsync()
    {
        Die();
        await _serving;
        foreach (var process in new[] { _monitor, _init })
        {
            process.Kill();
        }

        await Ended;
        _monitor.Dispose();
        _init.Dispose();

        Directory.Delete(_base, recursive: true);
    }

    private static Process Sleeper() => Process.Start("sleep", "1000");

    private async Task ServeAsync()
    {
        try
        {
            _connection = await _listener.AcceptAsync();
            while (await ReceiveAsync(12) is { } header)
            {
                var body = await ReceiveAsync(BinaryPrimitives.ReadInt32LittleEndian(header));
                var type = (MessageType)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
                var tag = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
                if (type != MessageType.Hello)
                {
                    _requests.Enqueue((type, tag, body!));
                    _arrived.Release();
                }
                else if (!IsSilent)
                {
                    Send(MessageType.State, tag, State());
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended the connection.
        }
    }

    private byte[] State()
    {
        var state = new byte[20 + (4 * Running.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(state, Version);
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(4), _monitor.Id);
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(8), _init.Id);
        state[12] = InitAlive ? (byte)1 : (byte)0;
        state[13] = OutOfMemory ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(16), Running.Length);
        for (var i = 0; i < Running.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(20 + (4 * i)), Running[i]);
        }

        return state;
    }

    private async Task<byte[]?> ReceiveAsync(int length)
    {
        var bytes = new byte[length];
        for (var have = 0; have < length;)
        {
            var count = await _connection!.ReceiveAsync(bytes.AsMemory(have));
            if (count == 0)
            {
                return null;
            }

            have += count;
        }

        return bytes;
    }
}
