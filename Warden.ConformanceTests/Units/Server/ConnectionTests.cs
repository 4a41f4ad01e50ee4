using System.IO.Pipelines;
using System.Net.Sockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Warden.Spec;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Connections;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

public sealed class ConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("warden-connection");
    private readonly FakeEngine _engine = new();
    private readonly FakeTimeProvider _clock = new();
    private ConnectionDispatcher _dispatcher = null!;
    private Socket _listener = null!;

    private string SocketPath => Path.Combine(_directory.FullName, "s");

    public Task InitializeAsync()
    {
        _dispatcher = new ConnectionDispatcher(_engine, 1024 * 1024, _clock, NullLogger.Instance);
        _listener = UnixListener.Listen(SocketPath, 0x180);
        _ = _dispatcher.AcceptAsync(_listener);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _dispatcher.Close();
        _listener.Dispose();
        _dispatcher.Crash();
        await UntilAsync(_dispatcher.DrainAsync());
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var client = new Client(SocketPath);
        for (var i = 0; i < 50_000; i++)
        {
            client.Write(Message.Types.Type.Echo, Echo($"{i}"));
        }

        var sending = client.FlushAsync();
        for (var i = 0; i < 50_000; i++)
        {
            Assert.Equal($"{i}", (await client.ReadAsync(EchoResponse.Parser)).Message.ToStringUtf8());
        }

        await sending;
    }

    [Fact]
    public async Task A_failed_request_is_answered_and_the_connection_stays()
    {
        _engine.OnCreate = (_, _, _) => throw new WardenException("no uid available");
        _engine.OnInfo = (_, _, _) => throw new InvalidOperationException("secret detail");
        using var client = new Client(SocketPath);
        Assert.Equal("no uid available", await client.ErrorAsync(Message.Types.Type.Create, new CreateRequest()));
        var error = await client.ErrorAsync(Message.Types.Type.Info, new InfoRequest { Handle = ByteString.Empty });
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
        client.Write(Message.Types.Type.Ping, new PingRequest());
        await client.FlushAsync();
        await client.ReadAsync(PingResponse.Parser);
    }

    [Fact]
    public async Task A_bad_frame_is_answered_after_the_earlier_requests_and_ends_the_connection()
    {
        using var client = new Client(SocketPath);
        client.Write(Message.Types.Type.Ping, new PingRequest());
        client.Write(Message.Types.Type.Create, new CreateRequest());
        client.WriteRaw("x5\r\n"u8);
        client.Write(Message.Types.Type.Ping, new PingRequest());
        await client.FlushAsync();
        await client.ReadAsync(PingResponse.Parser);
        await client.ReadAsync(CreateResponse.Parser);
        var error = await client.ReadAsync(ErrorResponse.Parser);
        Assert.Equal("bad frame: the length is not a number (unexpected byte 0x78)", error.Message);
        Assert.Null(await client.Frames.ReadAsync().AsTask().WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(7, "bad message: there is no request of type 7")]
    [InlineData(1, "bad message: there is no request of type 1")]
    [InlineData(12, "bad message: the required field handle of StopRequest is missing")]
    [InlineData(-1, "bad message: the payload cannot be decoded as PingRequest")]
    public async Task What_is_no_request_is_answered_and_ends_the_connection(int type, string message)
    {
        using var client = new Client(SocketPath);
        if (type < 0)
        {
            client.WriteRaw("5\r\n\x08\x5b\x12\x01\xff\r\n"u8[..3]);
            client.WriteRaw([0x08, 0x5b, 0x12, 0x01, 0xff, 0x0d, 0x0a]);
        }
        else
        {
            FrameWriter.Write(client.Writer, type, new PingRequest());
        }

        await client.FlushAsync();
        Assert.Equal(message, (await client.ReadAsync(ErrorResponse.Parser)).Message);
        Assert.Null(await client.Frames.ReadAsync().AsTask().WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_client_that_ended_its_sending_gets_every_answer()
    {
        var release = new TaskCompletionSource();
        _engine.OnLink = async (request, replies, token) =>
        {
            await release.Task.WaitAsync(token);
            await replies.SendAsync(new LinkResponse { ExitStatus = 3 }, token);
        };
        using var client = new Client(SocketPath);
        client.Write(Message.Types.Type.Link, new LinkRequest { Handle = ByteString.Empty, JobId = 1 });
        client.Write(Message.Types.Type.Echo, Echo("last"));
        await client.FlushAsync();
        client.Socket.Shutdown(SocketShutdown.Send);

        // The server looks again and again whether the client is still there, and it is.
        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        release.SetResult();
        Assert.Equal(3u, (await client.ReadAsync(LinkResponse.Parser)).ExitStatus);
        Assert.Equal("last", (await client.ReadAsync(EchoResponse.Parser)).Message.ToStringUtf8());
        Assert.Null(await client.Frames.ReadAsync().AsTask().WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 3 * 1024 * 1024)]
    public async Task A_client_that_vanished_while_it_waits_is_noticed(bool halfClosedFirst, int pipelined)
    {
        var cancelled = new TaskCompletionSource();
        var waiting = new TaskCompletionSource();
        _engine.OnLink = async (_, _, token) =>
        {
            waiting.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                cancelled.SetResult();
            }
        };
        var client = new Client(SocketPath);
        client.Write(Message.Types.Type.Link, new LinkRequest { Handle = ByteString.Empty, JobId = 1 });
        client.WriteRaw(new byte[pipelined]);
        var sending = client.FlushAsync();
        await waiting.Task.WaitAsync(Deadline);
        if (halfClosedFirst)
        {
            client.Socket.Shutdown(SocketShutdown.Send);
            Assert.False(cancelled.Task.IsCompleted);
        }

        client.Dispose();
        await UntilAsync(cancelled.Task);
        await UntilAsync(_engine.Disposed);
        if (pipelined > 0)
        {
            // The server reads only so far ahead, so the client was still sending.
            await Assert.ThrowsAnyAsync<Exception>(() => sending);
        }
    }

    [Fact]
    public async Task What_a_client_sent_before_it_vanished_is_still_done()
    {
        var done = new TaskCompletionSource();
        var count = 0;
        _engine.OnCreate = async (_, replies, token) =>
        {
            if (++count == 3)
            {
                done.SetResult();
            }

            await replies.SendAsync(new CreateResponse { Handle = ByteString.Empty }, token);
        };
        using (var client = new Client(SocketPath))
        {
            for (var i = 0; i < 3; i++)
            {
                client.Write(Message.Types.Type.Create, new CreateRequest());
            }

            await client.FlushAsync();
        }

        await done.Task.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_client_that_never_reads_is_held_back_and_harms_nobody()
    {
        using var deaf = new Client(SocketPath);
        var big = Echo(new string('x', 900_000));
        for (var i = 0; i < 40; i++)
        {
            deaf.Write(Message.Types.Type.Echo, big);
        }

        var sending = deaf.FlushAsync();
        using var other = new Client(SocketPath);
        for (var i = 0; i < 100; i++)
        {
            other.Write(Message.Types.Type.Ping, new PingRequest());
            await other.FlushAsync();
            await other.ReadAsync(PingResponse.Parser);
        }

        Assert.False(sending.IsCompleted);
    }

    [Fact]
    public async Task A_drain_closes_who_is_idle_or_waits_and_lets_others_finish()
    {
        var release = new TaskCompletionSource();
        var working = new TaskCompletionSource();
        var linking = new TaskCompletionSource();
        _engine.OnCreate = async (_, replies, token) =>
        {
            working.SetResult();
            await release.Task;
            await replies.SendAsync(new CreateResponse { Handle = ByteString.CopyFromUtf8("h") }, token);
        };
        _engine.OnLink = async (_, _, token) =>
        {
            linking.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        using var idle = new Client(SocketPath);
        using var waits = new Client(SocketPath);
        using var works = new Client(SocketPath);
        waits.Write(Message.Types.Type.Link, new LinkRequest { Handle = ByteString.Empty, JobId = 1 });
        await waits.FlushAsync();
        works.Write(Message.Types.Type.Create, new CreateRequest());
        works.Write(Message.Types.Type.Ping, new PingRequest());
        await works.FlushAsync();
        await Task.WhenAll(working.Task, linking.Task).WaitAsync(Deadline);
        var draining = _dispatcher.DrainAsync();
        Assert.Null(await idle.Frames.ReadAsync().AsTask().WaitAsync(Deadline));
        Assert.Null(await waits.Frames.ReadAsync().AsTask().WaitAsync(Deadline));
        Assert.False(draining.IsCompleted);
        release.SetResult();
        Assert.Equal("h", (await works.ReadAsync(CreateResponse.Parser)).Handle.ToStringUtf8());
        await draining.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Two_hundred_connections_are_served_at_once()
    {
        var clients = Enumerable.Range(0, 200).Select(_ => new Client(SocketPath)).ToList();
        await Task.WhenAll(clients.Select(async (client, i) =>
        {
            for (var round = 0; round < 20; round++)
            {
                client.Write(Message.Types.Type.Echo, Echo($"{i}-{round}"));
                await client.FlushAsync();
                Assert.Equal($"{i}-{round}", (await client.ReadAsync(EchoResponse.Parser)).Message.ToStringUtf8());
            }
        }));
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_drain_does_not_wait_for_ever_for_a_client_that_takes_no_answer()
    {
        using var deaf = new Client(SocketPath);
        for (var i = 0; i < 8; i++)
        {
            deaf.Write(Message.Types.Type.Echo, Echo(new string('x', 900_000)));
        }

        _ = deaf.FlushAsync();

        // The first answer fills what the system buffers.
        Assert.NotEqual(0, await deaf.Socket.ReceiveAsync(new byte[1]).WaitAsync(Deadline));
        await UntilAsync(_dispatcher.DrainAsync());
    }

    [Fact]
    public async Task A_client_that_goes_on_after_a_bad_frame_is_cut_off()
    {
        using var client = new Client(SocketPath);
        client.WriteRaw("x"u8);
        await client.FlushAsync();
        await client.ReadAsync(ErrorResponse.Parser);
        Assert.Equal(1, _dispatcher.Count);
        await UntilAsync(_engine.Disposed);
    }

    /// <summary>Lets time pass until something has happened.</summary>
    private async Task UntilAsync(Task happened)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (await Task.WhenAny(happened, Task.Delay(5, deadline.Token)) != happened)
        {
            deadline.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        await happened;
    }

    private static EchoRequest Echo(string text) => new() { Message = ByteString.CopyFromUtf8(text) };

    private sealed class Client : IDisposable
    {
        public Client(string path)
        {
            Socket.Connect(new UnixDomainSocketEndPoint(path));
            var stream = new NetworkStream(Socket);
            Writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            Frames = new FrameReader(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)));
        }

        public Socket Socket { get; } = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public PipeWriter Writer { get; }

        public FrameReader Frames { get; }

        public void Write(Message.Types.Type type, IMessage request) => FrameWriter.Write(Writer, type, request);

        public void WriteRaw(ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(Writer, bytes);

        public Task<FlushResult> FlushAsync() => Writer.FlushAsync().AsTask();

        public async Task<T> ReadAsync<T>(MessageParser<T> parser)
            where T : IMessage<T>
        {
            var frame = await Frames.ReadAsync().AsTask().WaitAsync(Deadline);
            Assert.NotNull(frame);
            var expected = typeof(T).Name.Replace("Response", "", StringComparison.Ordinal);
            Assert.Equal(expected, ((Message.Types.Type)frame.Value.Type).ToString());
            return parser.ParseFrom(frame.Value.Payload);
        }

        public async Task<string> ErrorAsync(Message.Types.Type type, IMessage request)
        {
            Write(type, request);
            await FlushAsync();
            return (await ReadAsync(ErrorResponse.Parser)).Message;
        }

        public void Dispose() => Socket.Dispose();
    }

    private delegate ValueTask Work(IMessage request, IReplySink replies, CancellationToken token);

    private sealed class FakeEngine : ICommandEngine
    {
        private readonly TaskCompletionSource _disposed = new();

        public Work? OnCreate { get; set; }

        public Work? OnInfo { get; set; }

        public Work? OnLink { get; set; }

        public Task Disposed => _disposed.Task;

        public ICommandSession OpenSession() => new Session(this);

        private sealed class Session(FakeEngine engine) : ICommandSession
        {
            public ValueTask ExecuteAsync(CommandRow row, IMessage request, IReplySink replies, CancellationToken cancellationToken) =>
                request switch
                {
                    PingRequest => replies.SendAsync(new PingResponse(), cancellationToken),
                    EchoRequest echo => replies.SendAsync(new EchoResponse { Message = echo.Message }, cancellationToken),
                    CreateRequest when engine.OnCreate is not null => engine.OnCreate(request, replies, cancellationToken),
                    CreateRequest => replies.SendAsync(new CreateResponse { Handle = ByteString.Empty }, cancellationToken),
                    InfoRequest when engine.OnInfo is not null => engine.OnInfo(request, replies, cancellationToken),
                    LinkRequest when engine.OnLink is not null => engine.OnLink(request, replies, cancellationToken),
                    _ => throw new WardenException("not in this test"),
                };

            public void Dispose() => engine._disposed.TrySetResult();
        }
    }
}
