using System.Diagnostics;
using Warden.Spec.Client;

namespace Warden.Bench;

/// <summary>Pings, against a bare echo server that the same client talks to.</summary>
internal static class RoundTrips
{
    private const int Rounds = 20;
    private const int Batch = 50_000;

    public static async Task MeasureAsync(string emulator, ResultTable table)
    {
        using var echo = ServerProcess.StartEcho();
        using var warden = ServerProcess.StartEmulator(emulator);
        await using var echoClient = await WardenClient.ConnectAsync(echo.SocketPath).ConfigureAwait(false);
        await using var wardenClient = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);

        // In turns, so that whatever else the machine does meets both alike.
        var (echoTimes, wardenTimes) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            echoTimes[round] = await Samples.MedianAsync(500, 2000, _ => echoClient.PingAsync()).ConfigureAwait(false);
            wardenTimes[round] = await Samples.MedianAsync(500, 2000, _ => wardenClient.PingAsync()).ConfigureAwait(false);
        }

        var (bare, ping) = (Samples.Median(echoTimes), Samples.Median(wardenTimes));
        table.Add("ping, round trip (p50), against a bare echo", $"{ping:0.0} µs / {bare:0.0} µs = {ping / bare:0.00} ×", "≤ 1.5 ×", ping <= 1.5 * bare);

        var best = 0.0;
        for (var round = 0; round < 10; round++)
        {
            var since = Stopwatch.GetTimestamp();
            var pings = new Task[Batch];
            for (var i = 0; i < Batch; i++)
            {
                pings[i] = wardenClient.PingAsync();
            }

            await Task.WhenAll(pings).ConfigureAwait(false);
            best = Math.Max(best, Batch / Stopwatch.GetElapsedTime(since).TotalSeconds);
        }

        table.Add("pipelined pings, one connection", $"{best:N0}/s", "≥ 300,000/s", best >= 300_000);
    }
}
