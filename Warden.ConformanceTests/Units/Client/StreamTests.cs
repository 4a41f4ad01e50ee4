using Google.Protobuf;
using Warden.Spec.Client;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Client;

public sealed class StreamTests
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;
    private static readonly byte[] Chunk = new byte[65536];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_gives_every_answer_in_order_and_ends_with_the_last(bool dedicated)
    {
        await using FakeServer server = new(AnswerAsync);
        await using WardenClient client = new(server.SocketPath, new WardenClientOptions { DedicatedStreams = dedicated, StreamBufferSize = 300 });
        using CancellationTokenSource deadline = new(Deadline);

        List<string> seen = [];
        await foreach (StreamResponse answer in client.StreamAsync("h", 1, deadline.Token))
        {
            seen.Add(answer.HasExitStatus ? $"status {answer.ExitStatus}" : answer.Data.ToStringUtf8());
        }

        await client.PingAsync().WaitAsync(Deadline);
        Assert.Equal([.. Enumerable.Range(0, 1000).Select(i => $"line {i}"), "status 7"], seen);
        Assert.Equal(dedicated ? 2 : 1, server.Accepted);

        static async Task AnswerAsync(FakeRequest request)
        {
            if (request.Type == Message.Types.Type.Ping)
            {
                await request.AnswerAsync(new PingResponse());
                return;
            }

            for (int i = 0; i < 1000; i++)
            {
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = ByteString.CopyFromUtf8($"line {i}") });
            }

            await request.AnswerAsync(new StreamResponse { ExitStatus = 7, Info = new InfoResponse() });
        }
    }

    [Fact]
    public async Task A_consumer_that_stops_reading_stops_the_server()
    {
        int sent = 0;
        const int Many = 2000;
        await using FakeServer server = new(async request =>
        {
            for (; sent < Many; sent++)
            {
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = UnsafeByteOperations.UnsafeWrap(Chunk) });
            }

            await request.AnswerAsync(new StreamResponse { ExitStatus = 0 });
        });
        await using WardenClient client = new(server.SocketPath);
        using CancellationTokenSource deadline = new(Deadline);

        await using IAsyncEnumerator<StreamResponse> answers = client.StreamAsync("h", 1).GetAsyncEnumerator(deadline.Token);
        Assert.True(await answers.MoveNextAsync());
        int stuck = await SettleAsync(() => Volatile.Read(ref sent), deadline.Token);
        Assert.InRange(stuck, 1, 200);

        int read = 1;
        while (await answers.MoveNextAsync())
        {
            read++;
        }

        Assert.Equal(Many + 1, read);
    }

    [Fact]
    public async Task Leaving_a_stream_early_leaves_the_client_usable_at_once()
    {
        await using FakeServer server = new(async request =>
        {
            if (request.Type == Message.Types.Type.Ping)
            {
                await request.AnswerAsync(new PingResponse());
                return;
            }

            while (true)
            {
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = UnsafeByteOperations.UnsafeWrap(Chunk) });
            }
        });
        await using WardenClient client = new(server.SocketPath);
        using CancellationTokenSource deadline = new(Deadline);

        await foreach (StreamResponse _ in client.StreamAsync("h", 1, deadline.Token))
        {
            break;
        }

        await client.PingAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_stream_left_early_on_a_shared_connection_drops_what_still_comes()
    {
        await using FakeServer server = new(async request =>
        {
            if (request.Type == Message.Types.Type.Ping)
            {
                await request.AnswerAsync(new PingResponse());
                return;
            }

            for (int i = 0; i < 200; i++)
            {
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = UnsafeByteOperations.UnsafeWrap(Chunk) });
            }

            await request.AnswerAsync(new StreamResponse { ExitStatus = 0 });
        });
        await using WardenClient client = new(server.SocketPath, new WardenClientOptions { DedicatedStreams = false });
        using CancellationTokenSource deadline = new(Deadline);

        await foreach (StreamResponse _ in client.StreamAsync("h", 1, deadline.Token))
        {
            break;
        }

        await client.PingAsync().WaitAsync(Deadline);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_stream_fails_with_the_servers_error_and_with_a_lost_connection()
    {
        await using FakeServer server = new(async request =>
        {
            if (((StreamRequest)request.Message).JobId == 1)
            {
                await request.ErrorAsync("no such job");
                return;
            }

            await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = ByteString.CopyFromUtf8("x") });
            request.Socket.Dispose();
        });
        await using WardenClient client = new(server.SocketPath);

        WardenErrorException error = await Assert.ThrowsAsync<WardenErrorException>(() => DrainAsync(client.StreamAsync("h", 1)));
        Assert.Equal("no such job", error.Message);
        await Assert.ThrowsAsync<WardenConnectionException>(() => DrainAsync(client.StreamAsync("h", 2)));
    }

    private static async Task DrainAsync(IAsyncEnumerable<StreamResponse> answers)
    {
        using CancellationTokenSource deadline = new(Deadline);
        await foreach (StreamResponse _ in answers.WithCancellation(deadline.Token))
        {
            // Only the end matters.
        }
    }

    /// <summary>Waits until a value has begun to grow and stayed the same for a while; that nothing happens shows in no other way.</summary>
    private static async Task<int> SettleAsync(Func<int> value, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        int last = -1;
        while (await timer.WaitForNextTickAsync(cancellationToken) && (last < 1 || last != value()))
        {
            last = value();
        }

        return last;
    }
}
