using Google.Protobuf;
using Warden.Spec.Client;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Client;

public sealed class WardenClientTests
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    [Fact]
    public async Task Calls_made_without_waiting_are_answered_in_order()
    {
        await using FakeServer server = new(request => request.AnswerAsync(new EchoResponse { Message = ((EchoRequest)request.Message).Message }));
        await using WardenClient client = new(server.SocketPath);

        Task<string>[] calls = [.. Enumerable.Range(0, 5000).Select(i => client.EchoAsync($"message {i}"))];

        string[] answers = await Task.WhenAll(calls).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"message {i}"), answers);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task An_error_answer_throws_the_servers_words_and_the_connection_stays_usable()
    {
        await using FakeServer server = new(request => request.Type == Message.Types.Type.Info
            ? request.ErrorAsync("unknown handle")
            : request.AnswerAsync(new PingResponse()));
        await using WardenClient client = new(server.SocketPath);

        WardenErrorException error = await Assert.ThrowsAsync<WardenErrorException>(() => client.InfoAsync("nope").WaitAsync(Deadline));
        await client.PingAsync().WaitAsync(Deadline);

        Assert.Equal("unknown handle", error.Message);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task An_answer_of_a_hundred_megabytes_arrives_whole()
    {
        byte[] output = new byte[100 * 1024 * 1024];
        Random.Shared.NextBytes(output.AsSpan(output.Length - 1000));
        await using FakeServer server = new(request => request.AnswerAsync(
            new RunResponse { ExitStatus = 3, Stdout = UnsafeByteOperations.UnsafeWrap(output) }));
        await using WardenClient client = new(server.SocketPath);

        RunResponse response = await client.RunAsync("h", "cat").WaitAsync(Deadline);

        Assert.Equal(3u, response.ExitStatus);
        Assert.True(response.Stdout.Span.SequenceEqual(output));
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_answer_goes_to_nobody_else()
    {
        TaskCompletionSource release = new();
        await using FakeServer server = new(async request =>
        {
            if (request.Message is LinkRequest)
            {
                await release.Task;
                await request.AnswerAsync(new LinkResponse { ExitStatus = 1 });
            }
            else
            {
                await request.AnswerAsync(new EchoResponse { Message = ((EchoRequest)request.Message).Message });
            }
        });
        await using WardenClient client = new(server.SocketPath);
        using CancellationTokenSource cancel = new();

        Task<LinkResponse> link = client.LinkAsync("h", 1, cancel.Token);
        Task<string> echo = client.EchoAsync("after");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => link.WaitAsync(Deadline));
        Assert.False(echo.IsCompleted);
        release.SetResult();

        Assert.Equal("after", await echo.WaitAsync(Deadline));
        Assert.Equal("later", await client.EchoAsync("later").WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_whose_token_is_cancelled_already_is_not_made()
    {
        await using FakeServer server = new(request => request.AnswerAsync(new PingResponse()));
        await using WardenClient client = new(server.SocketPath);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ListAsync(new CancellationToken(canceled: true)));
        await client.PingAsync().WaitAsync(Deadline);

        Assert.Equal(["Ping"], server.Received);
    }

    [Fact]
    public async Task Pending_calls_fail_when_the_connection_drops_and_the_next_call_connects_again()
    {
        TaskCompletionSource arrived = new();
        TaskCompletionSource<WardenDisconnectedEventArgs> disconnected = new();
        int connected = 0;
        await using FakeServer server = new(request =>
        {
            arrived.TrySetResult();
            return request.Type == Message.Types.Type.Ping ? request.AnswerAsync(new PingResponse()) : Task.CompletedTask;
        });
        await using WardenClient client = new(server.SocketPath);
        client.Connected += (_, _) => Interlocked.Increment(ref connected);
        client.Disconnected += (_, e) => disconnected.TrySetResult(e);

        Task<LinkResponse>[] links = [.. Enumerable.Range(1, 10).Select(i => client.LinkAsync("h", (uint)i))];
        await arrived.Task.WaitAsync(Deadline);
        server.DropConnections();

        foreach (Task<LinkResponse> link in links)
        {
            await Assert.ThrowsAsync<WardenConnectionException>(() => link.WaitAsync(Deadline));
        }

        Assert.IsType<WardenConnectionException>((await disconnected.Task.WaitAsync(Deadline)).Reason);
        await client.PingAsync().WaitAsync(Deadline);
        Assert.Equal(2, connected);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task Without_reconnection_calls_after_a_lost_connection_fail()
    {
        await using FakeServer server = new(request =>
        {
            request.Socket.Dispose();
            return Task.CompletedTask;
        });
        await using WardenClient client = new(server.SocketPath, new WardenClientOptions { AutoReconnect = false });

        await Assert.ThrowsAsync<WardenConnectionException>(() => client.PingAsync().WaitAsync(Deadline));
        await Assert.ThrowsAsync<WardenConnectionException>(() => client.PingAsync().WaitAsync(Deadline));

        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Where_nobody_listens_calls_fail_and_name_the_endpoint()
    {
        string path = Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}.sock");
        await using WardenClient client = new(path);

        WardenConnectionException error = await Assert.ThrowsAsync<WardenConnectionException>(() => client.PingAsync().WaitAsync(Deadline));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.EndsWith("there is no such socket", error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<WardenConnectionException>(() => WardenClient.ConnectAsync(path).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_disposed_client_fails_what_waits_and_refuses_what_comes()
    {
        TaskCompletionSource arrived = new();
        await using FakeServer server = new(_ =>
        {
            arrived.TrySetResult();
            return Task.CompletedTask;
        });
        WardenClient client = new(server.SocketPath);

        Task ping = client.PingAsync();
        await arrived.Task.WaitAsync(Deadline);
        await client.DisposeAsync();

        await Assert.ThrowsAsync<WardenConnectionException>(() => ping.WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PingAsync());
    }

    [Fact]
    public async Task A_handler_of_connected_may_call_and_one_that_throws_breaks_nothing()
    {
        await using FakeServer server = new(request => request.AnswerAsync(new PingResponse()));
        await using WardenClient client = new(server.SocketPath);
        TaskCompletionSource<Task> called = new();
        client.Connected += (_, _) =>
        {
            called.SetResult(client.PingAsync());
            throw new InvalidOperationException("a handler's own failure");
        };

        await client.PingAsync().WaitAsync(Deadline);
        await (await called.Task.WaitAsync(Deadline)).WaitAsync(Deadline);

        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task A_script_of_ten_megabytes_arrives_whole_between_other_calls()
    {
        byte[] script = new byte[10 * 1024 * 1024];
        Random.Shared.NextBytes(script.AsSpan(0, 1000));
        await using FakeServer server = new(request => request.AnswerAsync(request.Message switch
        {
            SpawnRequest spawn => new SpawnResponse { JobId = spawn.Script.Span.SequenceEqual(script) ? 1u : 2u },
            _ => new PingResponse(),
        }));
        await using WardenClient client = new(server.SocketPath);

        Task<uint>[] spawns = new Task<uint>[3];
        for (int i = 0; i < spawns.Length; i++)
        {
            _ = client.PingAsync();
            spawns[i] = client.SpawnAsync("h", script, new JobOptions { Privileged = true, LogTag = "t" });
        }

        uint[] jobs = await Task.WhenAll(spawns).WaitAsync(Deadline);
        Assert.Equal([1u, 1u, 1u], jobs);
    }

    [Fact]
    public async Task Plain_values_become_the_fields_of_their_requests()
    {
        TaskCompletionSource<IMessage> seen = new();
        await using FakeServer server = new(request =>
        {
            seen.SetResult(request.Message);
            return request.ErrorAsync("seen");
        });
        await using WardenClient client = new(server.SocketPath);
        ByteString h = ByteString.CopyFromUtf8("h");
        ResourceLimits limits = new() { Nofile = 5 };

        await AssertSendsAsync(new CreateRequest { Handle = h }, () => client.CreateAsync("h"));
        await AssertSendsAsync(new StopRequest { Handle = h }, () => client.StopAsync("h"));
        await AssertSendsAsync(new StopRequest { Handle = h, Background = true, Kill = true }, () => client.StopAsync("h", true, true));
        await AssertSendsAsync(new NetInRequest { Handle = h, HostPort = 1, ContainerPort = 2 }, () => client.NetInAsync("h", 1, 2));
        await AssertSendsAsync(new NetOutRequest { Handle = h, Network = "n", Port = 2 }, () => client.NetOutAsync("h", "n", 2));
        await AssertSendsAsync(new CopyInRequest { Handle = h, SrcPath = h, DstPath = h }, () => client.CopyInAsync("h", "h", "h"));
        await AssertSendsAsync(new CopyOutRequest { Handle = h, SrcPath = h, DstPath = h, Owner = "o" }, () => client.CopyOutAsync("h", "h", "h", "o"));
        await AssertSendsAsync(new LimitMemoryRequest { Handle = h, LimitInBytes = 3 }, () => client.LimitMemoryAsync("h", 3));
        await AssertSendsAsync(new LimitDiskRequest { Handle = h, ByteLimit = 3, InodeLimit = 4 }, () => client.LimitDiskAsync("h", 3, 4));
        await AssertSendsAsync(new LimitBandwidthRequest { Handle = h }, () => client.LimitBandwidthAsync("h"));
        await AssertSendsAsync(new LimitBandwidthRequest { Handle = h, Rate = 1, Burst = 2 }, () => client.LimitBandwidthAsync("h", 1, 2));
        await AssertSendsAsync(new LimitCpuRequest { Handle = h, LimitInShares = 3 }, () => client.LimitCpuAsync("h", 3));
        await AssertSendsAsync(
            new RunRequest { Handle = h, Script = h, Privileged = true, DiscardOutput = true, LogTag = h, Rlimits = limits },
            () => client.RunAsync("h", "h", new JobOptions { Privileged = true, DiscardOutput = true, LogTag = "h", Limits = limits }));
        await AssertSendsAsync(new RunRequest { Handle = h, Script = h }, () => client.RunAsync("h", new byte[] { (byte)'h' }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.CreateAsync("\ud800"));

        async Task AssertSendsAsync(IMessage expected, Func<Task> call)
        {
            seen = new();
            await Assert.ThrowsAsync<WardenErrorException>(() => call().WaitAsync(Deadline));
            Assert.Equal(expected, await seen.Task);
        }
    }

    [Fact]
    public async Task A_server_is_reached_over_tcp()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task<System.Net.Sockets.TcpClient> accepting = listener.AcceptTcpClientAsync();
        await using WardenClient client = await WardenClient.ConnectAsync($"{listener.LocalEndpoint}").WaitAsync(Deadline);
        using System.Net.Sockets.TcpClient peer = await accepting.WaitAsync(Deadline);

        Task ping = client.PingAsync();
        byte[] frame = new byte[9];
        await peer.GetStream().ReadExactlyAsync(frame).AsTask().WaitAsync(Deadline);
        await peer.GetStream().WriteAsync(frame).AsTask().WaitAsync(Deadline);

        await ping.WaitAsync(Deadline);
    }

    [Fact]
    public async Task What_the_server_says_before_it_closes_is_in_the_failure()
    {
        await using FakeServer server = new(async request =>
        {
            await request.AnswerAsync(new PingResponse());
            await request.ErrorAsync("bad frame: the length is empty");
            request.Socket.Dispose();
        });
        await using WardenClient client = new(server.SocketPath);
        TaskCompletionSource<WardenDisconnectedEventArgs> disconnected = new();
        client.Disconnected += (_, e) => disconnected.TrySetResult(e);

        await client.PingAsync().WaitAsync(Deadline);

        Exception? reason = (await disconnected.Task.WaitAsync(Deadline)).Reason;
        Assert.Contains("bad frame: the length is empty", reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_errors_other_fields_are_kept()
    {
        await using FakeServer server = new(request => request.AnswerAsync(
            Message.Types.Type.Error, new ErrorResponse { Data = "d", Backtrace = { "a", "b" } }));
        await using WardenClient client = new(server.SocketPath);

        WardenErrorException error = await Assert.ThrowsAsync<WardenErrorException>(() => client.PingAsync().WaitAsync(Deadline));

        Assert.Equal("d", error.ErrorData);
        Assert.Equal(["a", "b"], error.ServerBacktrace);
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("4\r\nabcd\r\n")]
    [InlineData("4\r\n\x08\x5b\x12\0xx")]
    [InlineData("4\r\n\x08\x5c\x12\0\r\n")]
    public async Task What_is_no_answer_ends_the_connection(string bytes)
    {
        await using FakeServer server = new(request => request.SendRawAsync(bytes));
        await using WardenClient client = new(server.SocketPath);

        await Assert.ThrowsAsync<WardenConnectionException>(() => client.PingAsync().WaitAsync(Deadline));

        Assert.False(client.IsConnected);
    }

    [Fact]
    public async Task A_waiter_that_blocks_does_not_hold_up_the_calls_it_makes()
    {
        await using FakeServer server = new(request => request.AnswerAsync(new PingResponse()));
        await using WardenClient client = new(server.SocketPath);

        Task done = Task.Run(async () =>
        {
            await client.PingAsync().ConfigureAwait(false);
#pragma warning disable xUnit1031 // That a thread blocks here is what the test is about.
            client.PingAsync().GetAwaiter().GetResult();
            client.EchoAsync("x").ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        });

        await done.WaitAsync(Deadline);
    }

    [Theory]
    [InlineData("/tmp/x.sock", "/tmp/x.sock", null, 0)]
    [InlineData("x.sock", "x.sock", null, 0)]
    [InlineData("./name:80", "./name:80", null, 0)]
    [InlineData("localhost:7000", null, "localhost", 7000)]
    [InlineData("[::1]:7000", null, "::1", 7000)]
    [InlineData("C:\\warden.sock", "C:\\warden.sock", null, 0)]
    public void An_endpoint_is_a_path_or_a_host_and_port(string text, string? path, string? host, int port)
    {
        WardenEndpoint endpoint = WardenEndpoint.Parse(text);

        Assert.Equal((path, host, port), (endpoint.SocketPath, endpoint.Host, endpoint.Port));
        Assert.Equal(text, endpoint.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:99999999999")]
    public void An_endpoint_without_a_usable_port_is_refused(string text) =>
        Assert.Throws<FormatException>(() => WardenEndpoint.Parse(text));

    [Fact]
    public async Task Messages_of_two_commands_make_no_call()
    {
        await using WardenClient client = new("/nonexistent");

        await Assert.ThrowsAsync<ArgumentException>(() => client.CallAsync<PingRequest, ListResponse>(new PingRequest()));
        await Assert.ThrowsAsync<ArgumentException>(() => client.CallAsync<StreamRequest, StreamResponse>(new StreamRequest()));
    }
}
