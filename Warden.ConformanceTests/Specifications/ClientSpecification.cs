using System.Text;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Client;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>The .NET client against a real server (§7).</summary>
public abstract class ClientSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-CLIENT-001")]
    public async Task EveryKindOfCallWorks()
    {
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        await client.PingAsync();
        Assert.Equal("é", await client.EchoAsync("é"));
        var handle = await CreateAsync(client);
        Assert.Contains(handle, await client.ListAsync());
        Assert.Equal("active", (await client.CallAsync<InfoRequest, InfoResponse>(new InfoRequest { Handle = Bytes(handle) })).State);

        var run = await client.RunAsync(handle, "echo out; echo err >&2; exit 3");
        Assert.Equal((3U, "out\n", "err\n"), (run.ExitStatus, run.Stdout.ToStringUtf8(), run.Stderr.ToStringUtf8()));
        var job = await client.SpawnAsync(handle, "id -un; exit 4", new JobOptions { Privileged = true });
        var link = await client.LinkAsync(handle, job);
        Assert.Equal((4U, "root\n"), (link.ExitStatus, link.Stdout.ToStringUtf8()));
        var limit = await client.CallAsync<LimitCpuRequest, LimitCpuResponse>(new LimitCpuRequest { Handle = Bytes(handle), LimitInShares = 9 });
        Assert.Equal(9UL, limit.LimitInShares);
        await client.DestroyAsync(handle);
        Assert.DoesNotContain(handle, await client.ListAsync());
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-002")]
    public async Task HostAndPortAreAnEndpointToo()
    {
        await StartServerAsync("", tcp: true);
        Skip.If(Server.TcpEndPoint is null, "this target's TCP listener is not known");
        await using var client = new WardenClient($"127.0.0.1:{Server.TcpEndPoint!.Port}");

        await client.PingAsync();
        Assert.Equal("x", await client.EchoAsync("x"));
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-003")]
    public async Task PipelinedCallsGetTheirOwnAnswers()
    {
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => client.EchoAsync($"{number}")));

        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"{number}"), answers);
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-004")]
    [Clause("WRD-CLIENT-005")]
    [Clause("WRD-CLIENT-006")]
    public async Task PendingCallsFailWithTheConnectionAndTheNextReconnects()
    {
        await StartServerAsync();
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var connected = 0;
        var disconnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.Connected += (_, _) => Interlocked.Increment(ref connected);
        client.Disconnected += (_, _) => disconnected.TrySetResult();
        var handle = await client.CreateAsync();
        Assert.Equal(1, connected);
        var pending = client.RunAsync(handle, "sleep 1000");
        await Deadline.UntilAsync("the job runs", async () =>
            (await InfoAsync(await ConnectAsync(), handle)).Numbers("job_ids").Count == 1);
        await Server.CrashAsync();

        await Assert.ThrowsAsync<WardenConnectionException>(() => pending.WaitAsync(Deadline.Default));
        await disconnected.Task.WaitAsync(Deadline.Default);
        Assert.False(client.IsConnected);
        await Assert.ThrowsAsync<WardenConnectionException>(() => client.PingAsync());

        await Server.StartAsync();
        await using var reconnecting = client.Endpoint.SocketPath == Server.SocketPath ? client : new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        Assert.Contains(handle, await reconnecting.ListAsync());
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-007")]
    public async Task AnErrorIsThrownWithItsText()
    {
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var error = await Assert.ThrowsAsync<WardenErrorException>(() => client.RunAsync("no-such-container", "true"));

        Assert.Equal("unknown handle", error.Message);
        await client.PingAsync();
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-008")]
    public async Task AStreamComesFrameByFrame()
    {
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var handle = await CreateAsync(client);
        var job = await client.SpawnAsync(handle, "echo one; while ! test -e /tmp/go; do sleep 0.02; done; echo two; exit 5");
        var output = new StringBuilder();
        uint? status = null;
        await foreach (var frame in client.StreamAsync(handle, job))
        {
            output.Append(frame.Data.ToStringUtf8());
            if (output.ToString() == "one\n" && !frame.HasExitStatus)
            {
                // The job goes on only once its first line is here.
                await client.RunAsync(handle, "touch /tmp/go");
            }

            status = frame.HasExitStatus ? frame.ExitStatus : null;
        }

        Assert.Equal(("one\ntwo\n", 5U), (output.ToString(), status));
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-009")]
    public async Task AnAnswerAboveTheLimitOfRequestsIsAccepted()
    {
        await StartServerAsync("server: { job_output_limit: 0 }");
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var handle = await client.CreateAsync();

        Assert.Equal(70000000, (await client.RunAsync(handle, "head -c 70000000 /dev/zero")).Stdout.Length);
    }

    [SkippableFact]
    [Clause("WRD-CLIENT-010")]
    public async Task ACancelledCallLeavesTheClientUsable()
    {
        await using var client = new WardenClient(WardenEndpoint.Unix(Server.SocketPath));
        var handle = await CreateAsync(client);
        using var cancellation = new CancellationTokenSource();
        var pending = client.RunAsync(handle, "while ! test -e /tmp/go; do sleep 0.02; done", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await RunAsync(await ConnectAsync(), handle, "touch /tmp/go");

        await client.PingAsync().WaitAsync(Deadline.Default);
    }

    private static Google.Protobuf.ByteString Bytes(string text) => Google.Protobuf.ByteString.CopyFromUtf8(text);

    private async Task<string> CreateAsync(WardenClient client)
    {
        var handle = await client.CreateAsync();
        Track(handle);
        return handle;
    }
}
