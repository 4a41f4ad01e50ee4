using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Warden.Emulator;
using Warden.Spec.Client;
using Xunit;

namespace Warden.ConformanceTests.InProcess;

/// <summary>What the emulator offers to tests that start it themselves.</summary>
public sealed class InProcessTests
{
    [Fact]
    [Clause("WRD-INPROC-002")]
    public async Task TheClockDrivesGraceTimes()
    {
        var clock = new FakeTimeProvider();
        await using var warden = await StartAsync(clock);
        await using var observer = await WireConnection.ConnectAsync(warden.SocketPath);
        await observer.CallAsync("Ping");
        await using (var creator = await WireConnection.ConnectAsync(warden.SocketPath))
        {
            await creator.CallAsync("Create", ("handle", "timed"), ("grace_time", 3600));
            creator.ShutdownSend();
            await creator.ExpectEndAsync();
        }

        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(60), "the container is gone", async () =>
            (await observer.CallAsync("List")).Texts("handles").Count == 0);
    }

    [Theory]
    [Clause("WRD-CREATE-006")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IdsGoOnWhenTheClockWasSetBack(bool crash)
    {
        var clock = new ClockSetBack();
        await using var warden = await WardenEmulator.StartAsync(new WardenEmulatorOptions { TimeProvider = clock });
        var first = await warden.Client.CreateAsync();
        await warden.Client.DestroyAsync(first);
        clock.Offset = TimeSpan.FromDays(-1);
        await warden.RestartServerAsync(crash);
        await using var later = await WireConnection.ConnectAsync(warden.SocketPath);

        Assert.True(string.CompareOrdinal((await later.CallAsync("Create")).Text("handle"), first) > 0);
    }

    [Fact]
    [Clause("WRD-INPROC-003")]
    public async Task TheClockDrivesSleeps()
    {
        var clock = new FakeTimeProvider();
        await using var warden = await StartAsync(clock);
        var handle = await warden.Client.CreateAsync();
        var job = await warden.Client.SpawnAsync(handle, "sleep 86400; echo next day");
        var link = warden.Client.LinkAsync(handle, job);
        await AdvanceUntilAsync(clock, TimeSpan.FromHours(6), "the job ends", () => Task.FromResult(link.IsCompleted));

        Assert.Equal("next day\n", (await link).Stdout.ToStringUtf8());
    }

    [Fact]
    [Clause("WRD-INPROC-008")]
    public async Task TheClockDrivesTheSignalsOfStop()
    {
        var clock = new FakeTimeProvider();
        await using var warden = await StartAsync(clock);
        var handle = await warden.Client.CreateAsync();
        var job = await warden.Client.SpawnAsync(handle, "trap '' TERM; echo deaf; while :; do sleep 3600; done");
        await using (var stream = warden.Client.StreamAsync(handle, job).GetAsyncEnumerator())
        {
            Assert.True(await stream.MoveNextAsync());
        }

        var stop = warden.Client.StopAsync(handle);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), "the stop ends", () => Task.FromResult(stop.IsCompleted));
        await stop;

        Assert.Equal(255U, (await warden.Client.LinkAsync(handle, job)).ExitStatus);
    }

    [Fact]
    [Clause("WRD-INPROC-004")]
    public async Task AProgramOfTheTestsOwnRuns()
    {
        await using var warden = await WardenEmulator.StartAsync();
        warden.Programs.Add("ruby", async process =>
        {
            await process.WriteAsync(1, $"ruby of the test: {string.Join(' ', process.Arguments.Skip(1))}\n");
            return 4;
        });
        var handle = await warden.Client.CreateAsync();
        var result = await warden.Client.RunAsync(handle, "ruby -v | tr a-z A-Z; ruby x; exit $?");

        Assert.Equal((4U, "RUBY OF THE TEST: -V\nruby of the test: x\n"), (result.ExitStatus, result.Stdout.ToStringUtf8()));
    }

    [Fact]
    [Clause("WRD-INPROC-005")]
    public async Task ARequestFailsAsTold()
    {
        await using var warden = await WardenEmulator.StartAsync();
        warden.FailNext("create", "the disk is full");
        var error = await Assert.ThrowsAsync<WardenErrorException>(() => warden.Client.CreateAsync());

        Assert.Equal("the disk is full", error.Message);
        Assert.NotEqual("", await warden.Client.CreateAsync());
        Assert.Throws<ArgumentException>(() => warden.FailNext("no such command", ""));
    }

    [Fact]
    [Clause("WRD-INPROC-006")]
    [Clause("WRD-INPROC-007")]
    public async Task TheClientIsTheServersAndNothingIsLeft()
    {
        var warden = await WardenEmulator.StartAsync();
        await using (warden)
        {
            await warden.Client.PingAsync();
            Assert.True(File.Exists(warden.SocketPath));
        }

        Assert.False(File.Exists(warden.SocketPath));
        await Assert.ThrowsAnyAsync<SocketException>(() => WireConnection.ConnectAsync(warden.SocketPath));
    }

    private static Task<WardenEmulator> StartAsync(TimeProvider clock) =>
        WardenEmulator.StartAsync(new WardenEmulatorOptions { TimeProvider = clock });

    /// <summary>Lets the fake clock run on until the condition holds: what arms a timer does so on a thread of its own.</summary>
    private static Task AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, string what, Func<Task<bool>> condition) =>
        Deadline.UntilAsync(what, async () =>
        {
            if (await condition())
            {
                return true;
            }

            clock.Advance(step);
            return false;
        });
}

/// <summary>The system's clock, set back.</summary>
file sealed class ClockSetBack : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
