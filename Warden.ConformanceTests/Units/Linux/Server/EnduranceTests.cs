using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>Much of everything: what leaks or is lost shows here. WARDEN_ROUNDS says how much; few rounds are the usual measure.</summary>
public sealed class EnduranceTests(ITestOutputHelper output) : LinuxServerTests
{
    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("WARDEN_ROUNDS"), out var rounds) ? rounds : 10;

    [SkippableFact]
    public async Task CyclesOfCreateRunAndDestroyLeakNothing()
    {
        // Pools that just hold one container of each worker: one that is not returned is missed.
        const int Workers = 20;
        await using var connection = await StartAsync($$"""
            network: { pool_start_address: 10.200.0.0, pool_size: 32, release_delay: 0 }
            user: { pool_start_uid: 20000, pool_size: {{Workers}} }
            """);
        var cycles = 5 * Rounds / 2;
        await CycleAsync(Workers, 1);
        var process = System.Diagnostics.Process.GetProcessById(Server.ProcessId!.Value);
        var descriptors = Descriptors();
        await CycleAsync(Workers, cycles);

        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        // Connections that their clients have closed are the server's until it has seen that.
        await Deadline.UntilAsync(
            $"the server has about {descriptors} descriptors again", () => Task.FromResult(Descriptors() <= descriptors + 20));
        await NothingIsLeftAsync();
        process.Refresh();
        output.WriteLine($"{Workers * cycles} cycles; {process.WorkingSet64 >> 20} MiB, {Descriptors()} descriptors");

        int Descriptors() => Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Count();
    }

    [SkippableFact]
    public async Task WhatTheServerWasKilledInLosesAndDoublesNothing()
    {
        const int Containers = 20;
        var random = Seed.For(nameof(EnduranceTests)).Random;
        await using var first = await StartAsync("network: { pool_network: 10.200.0.0/24, release_delay: 0 }");
        var jobs = new Dictionary<string, ulong>();
        for (var count = 0; count < Containers; count++)
        {
            var handle = await CreateAsync(first, ("handle", $"c{count}"));
            var script = $"while ! test -e /tmp/go; do echo {count} >> /tmp/turns; sleep 0.05; done; echo {count}; exit {count}";
            jobs[handle] = (await first.CallAsync("Spawn", ("handle", handle), ("script", script))).Number("job_id");
        }

        for (var round = 0; round < Rounds; round++)
        {
            using var end = new CancellationTokenSource();
            var load = Enumerable.Range(0, 4).Select(worker => LoadAsync($"load-{round}-{worker}", end.Token)).ToList();
            await Task.Delay(random.Int(1, 400));
            await Server.CrashAsync();
            await end.CancelAsync();
            await Task.WhenAll(load);
            await Server.StartAsync();
            await using var connection = await Server.ConnectAsync();
            var handles = (await connection.CallAsync("List")).Texts("handles");
            Assert.Equal(jobs.Keys.Order(), handles.Where(handle => handle[0] == 'c').Order());
            foreach (var (handle, job) in jobs)
            {
                Assert.Contains(job, (await connection.CallAsync("Info", ("handle", handle))).Numbers("job_ids"));
            }

            foreach (var handle in handles.Where(handle => handle[0] == 'l'))
            {
                await connection.CallAsync("Destroy", ("handle", handle));
            }
        }

        await using var last = await Server.ConnectAsync();
        foreach (var (handle, job) in jobs)
        {
            await OutputAsync(last, handle, "touch /tmp/go");
            var result = await last.CallAsync("Link", ("handle", handle), ("job_id", job));
            Assert.Equal((ulong.Parse(handle[1..]), $"{handle[1..]}\n"), (result.Number("exit_status"), result.Text("stdout")));
            await last.CallAsync("Destroy", ("handle", handle));
        }

        await NothingIsLeftAsync();
    }

    private Task CycleAsync(int workers, int cycles) => Task.WhenAll(Enumerable.Range(0, workers).Select(async worker =>
    {
        await using var connection = await Server.ConnectAsync();
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            var handle = await CreateAsync(connection);
            await connection.CallAsync("NetIn", ("handle", handle));
            Assert.Equal($"{worker}\n", await OutputAsync(connection, handle, $"echo {worker}"));
            await connection.CallAsync("Destroy", ("handle", handle));
        }
    }));

    /// <summary>Containers come and go until the server is killed.</summary>
    private async Task LoadAsync(string name, CancellationToken end)
    {
        try
        {
            await using var connection = await Server.ConnectAsync();
            for (var count = 0; !end.IsCancellationRequested; count++)
            {
                var handle = await CreateAsync(connection, ("handle", $"{name}-{count}"));
                await OutputAsync(connection, handle, "echo x > /tmp/x");
                await connection.CallAsync("Destroy", ("handle", handle));
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or WireFormatException or Xunit.Sdk.XunitException)
        {
            // The connection ended with the server.
        }
    }
}
