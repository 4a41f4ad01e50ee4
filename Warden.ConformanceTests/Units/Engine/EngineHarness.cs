using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Warden.Spec;
using Warden.Spec.Commands;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

/// <summary>An engine over a fake machine, with time in the test's hand.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    private EngineHarness(FakeMachine machine, FakeTimeProvider time, WardenConfiguration configuration)
    {
        Machine = machine;
        Time = time;
        Configuration = configuration;
        Engine = new WardenEngine(configuration, machine, time, NullLoggerFactory.Instance);
    }

    public FakeMachine Machine { get; }

    public FakeTimeProvider Time { get; }

    public WardenConfiguration Configuration { get; }

    public WardenEngine Engine { get; private set; }

    public static async Task<EngineHarness> StartAsync(WardenConfiguration? configuration = null, FakeMachine? machine = null)
    {
        var harness = new EngineHarness(machine ?? new FakeMachine(), new FakeTimeProvider(), configuration ?? new WardenConfiguration());
        await harness.Engine.StartAsync(CancellationToken.None);
        return harness;
    }

    /// <summary>Ends the server and starts another one over the same machine.</summary>
    public async Task RestartAsync(bool crash = false)
    {
        if (crash)
        {
            Engine.Crash();
        }
        else
        {
            await Engine.DrainAsync();
        }

        await Engine.DisposeAsync();
        Engine = new WardenEngine(Configuration, Machine, Time, NullLoggerFactory.Instance);
        await Engine.StartAsync(CancellationToken.None);
    }

    public FakeSession Open() => new(Engine.OpenSession());

    public FakeContainer Backend(string handle) =>
        Machine.Containers.Values.Single(container => Encoding.UTF8.GetString(Machine.Snapshots[container.Spec.Id]).Contains($"\"{handle}\""));

    /// <summary>Waits for a condition, letting emulated time pass if asked.</summary>
    public async Task Until(Func<bool> condition, TimeSpan step = default)
    {
        var end = DateTime.UtcNow + Deadline;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "The condition did not come true.");
            if (step > TimeSpan.Zero)
            {
                Time.Advance(step);
            }

            await Task.Delay(1);
        }
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}

/// <summary>A connection of a test.</summary>
internal sealed class FakeSession(ICommandSession session) : IDisposable
{
    public async Task<TResponse> Call<TResponse>(IMessage request, CancellationToken cancellationToken = default)
        where TResponse : IMessage =>
        (TResponse)Assert.Single(await CallMany(request, cancellationToken));

    public async Task<List<IMessage>> CallMany(IMessage request, CancellationToken cancellationToken = default)
    {
        var replies = new Replies();
        await session.ExecuteAsync(Row(request), request, replies, cancellationToken).AsTask().WaitAsync(Support.Deadline.Default, CancellationToken.None);
        return replies.Sent;
    }

    /// <summary>Sends a request whose client is gone when the answer comes.</summary>
    public async Task Abandon(IMessage request) =>
        await Assert.ThrowsAsync<IOException>(() => session.ExecuteAsync(Row(request), request, new Gone(), default).AsTask());

    /// <summary>Sends a request whose answer takes until the test says so.</summary>
    public Task CallSlowly(IMessage request, Task sending) => session.ExecuteAsync(Row(request), request, new Slow(sending), default).AsTask();

    public async Task<string> Error(IMessage request) =>
        (await Assert.ThrowsAsync<WardenException>(() => CallMany(request))).Message;

    public async Task<string> Create(string? handle = null, uint? grace = null)
    {
        var request = new CreateRequest();
        if (handle is not null)
        {
            request.Handle = ByteString.CopyFromUtf8(handle);
        }

        if (grace is { } seconds)
        {
            request.GraceTime = seconds;
        }

        return (await Call<CreateResponse>(request)).Handle.ToStringUtf8();
    }

    public async Task<uint> Spawn(string handle, string script) =>
        (await Call<SpawnResponse>(new SpawnRequest { Handle = B(handle), Script = B(script) })).JobId;

    public Task<LinkResponse> Link(string handle, uint job) =>
        Call<LinkResponse>(new LinkRequest { Handle = B(handle), JobId = job });

    public Task<InfoResponse> Info(string handle) => Call<InfoResponse>(new InfoRequest { Handle = B(handle) });

    public async Task<string[]> List() =>
        [.. (await Call<ListResponse>(new ListRequest())).Handles.Select(handle => handle.ToStringUtf8())];

    public Task<StopResponse> Stop(string handle, bool background = false, bool kill = false) =>
        Call<StopResponse>(new StopRequest { Handle = B(handle), Background = background, Kill = kill });

    public Task<DestroyResponse> Destroy(string handle) => Call<DestroyResponse>(new DestroyRequest { Handle = B(handle) });

    public void Dispose() => session.Dispose();

    public static ByteString B(string text) => ByteString.CopyFromUtf8(text);

    private static CommandRow Row(IMessage request) => CommandCatalogue.Rows.Single(row => row.Request == request.Descriptor);

    private sealed class Replies : IReplySink
    {
        public List<IMessage> Sent { get; } = [];

        public ValueTask SendAsync(IMessage response, CancellationToken cancellationToken)
        {
            Sent.Add(response);
            return default;
        }
    }

    private sealed class Slow(Task sending) : IReplySink
    {
        public ValueTask SendAsync(IMessage response, CancellationToken cancellationToken) => new(sending);
    }

    private sealed class Gone : IReplySink
    {
        public ValueTask SendAsync(IMessage response, CancellationToken cancellationToken) => throw new IOException("The client is gone.");
    }
}
