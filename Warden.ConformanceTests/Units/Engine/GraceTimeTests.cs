using Warden.ConformanceTests.Support;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class GraceTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_container_goes_when_its_last_connection_has_been_closed_for_its_grace_time()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("short", grace: 5);
        session.Dispose();

        harness.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Single(harness.Machine.Containers);
        harness.Time.Advance(TimeSpan.FromSeconds(0.2));
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task An_opened_connection_references_every_container_and_cancels_their_timers()
    {
        await using var harness = await EngineHarness.StartAsync();
        var first = harness.Open();
        await first.Create("a", grace: 5);
        await first.Create("b", grace: 7);
        first.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(4));

        var second = harness.Open();
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["a", "b"], await second.List());

        // It starts in full again.
        second.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(2, harness.Machine.Containers.Count);
        harness.Time.Advance(TimeSpan.FromSeconds(0.2));
        await harness.Until(() => harness.Machine.Containers.Count == 1);
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task An_older_connection_references_a_newer_container_once_it_names_it()
    {
        await using var harness = await EngineHarness.StartAsync();
        var older = harness.Open();
        var creator = harness.Open();
        await creator.Create("named", grace: 5);
        await creator.Create("ignored", grace: 5);
        await older.Info("named");
        creator.Dispose();

        harness.Time.Advance(TimeSpan.FromSeconds(6));
        await Deadline.UntilAsync("the ignored one is listed no longer", async () => (await older.List()).Length == 1);
        Assert.Equal(["named"], await older.List());
        older.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(6));
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task Naming_a_container_whose_timer_runs_cancels_it()
    {
        await using var harness = await EngineHarness.StartAsync();
        var older = harness.Open();
        var creator = harness.Open();
        await creator.Create("late", grace: 5);
        creator.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(4));
        await older.Info("late");
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["late"], await older.List());
    }

    [Fact]
    public async Task A_younger_connection_that_stays_keeps_what_an_older_one_created()
    {
        await using var harness = await EngineHarness.StartAsync();
        var creator = harness.Open();
        await creator.Create("kept", grace: 1);
        var younger = harness.Open();
        var youngest = harness.Open();
        creator.Dispose();
        youngest.Dispose();
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["kept"], await younger.List());
        younger.Dispose();
        harness.Time.Advance(Second);
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task Zero_means_at_once_and_null_means_never()
    {
        await using var harness = await EngineHarness.StartAsync(
            new WardenConfiguration { Server = new ServerSection { GraceTime = null } });
        var session = harness.Open();
        await session.Create("zero", grace: 0);
        await session.Create("never");
        session.Dispose();
        await harness.Until(() => harness.Machine.Containers.Count == 1);
        harness.Time.Advance(TimeSpan.FromDays(100));
        var later = harness.Open();
        await Deadline.UntilAsync("zero is listed no longer", async () => (await later.List()).Length == 1);
        Assert.Equal(["never"], await later.List());
    }

    [Fact]
    public async Task A_grace_time_longer_than_any_timer_is_kept()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("year", grace: 365 * 86400);
        session.Dispose();
        for (var day = 0; day < 364; day++)
        {
            harness.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Single(harness.Machine.Containers);
        harness.Time.Advance(TimeSpan.FromDays(1));
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task A_drain_starts_no_timer()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("left", grace: 0);
        harness.Engine.BeginDrain();
        session.Dispose();
        await harness.Engine.DrainAsync();
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(harness.Machine.Containers);
    }

    [Fact]
    public async Task A_recovered_container_without_a_connection_has_its_grace_time_in_full()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("recovered", grace: 5);
        session.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(4));
        await harness.RestartAsync(crash: true);
        harness.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Single(harness.Machine.Containers);
        harness.Time.Advance(TimeSpan.FromSeconds(0.2));
        await harness.Until(() => harness.Machine.Containers.IsEmpty);
    }

    [Fact]
    public async Task A_destruction_that_fails_is_tried_again()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("stuck", grace: 1);
        var backend = harness.Backend("stuck");
        backend.DestroyFails = new InvalidOperationException("The host refuses.");
        session.Dispose();
        harness.Time.Advance(TimeSpan.FromSeconds(1.5));
        await harness.Until(() => backend.Signals.IsEmpty);
        backend.DestroyFails = null;
        await harness.Until(() => harness.Machine.Containers.IsEmpty, Second);
    }
}
