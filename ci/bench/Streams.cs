using System.Diagnostics;
using Warden.Spec.Client;

namespace Warden.Bench;

/// <summary>A job's output to a client.</summary>
internal static class Streams
{
    private const long Size = 256L << 20;
    private const string NoLimit = "server:\n  job_output_limit: 0\n";
    private const long Slack = 64L << 20;

    public static async Task MeasureAsync(string emulator, ResultTable table)
    {
        var best = 0.0;
        long grown = 0;
        for (var round = 0; round < 3; round++)
        {
            using var warden = ServerProcess.StartEmulator(emulator, NoLimit);
            await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
            var handle = await client.CreateAsync().ConfigureAwait(false);
            var before = warden.ResidentBytes;
            var since = Stopwatch.GetTimestamp();
            var job = await client.SpawnAsync(handle, $"head -c {Size} /dev/zero").ConfigureAwait(false);
            long received = 0;
            await foreach (var part in client.StreamAsync(handle, job).ConfigureAwait(false))
            {
                received += part.Data.Length;
            }

            if (received != Size)
            {
                throw new InvalidOperationException($"{received} of {Size} bytes came.");
            }

            best = Math.Max(best, Size / 1e6 / Stopwatch.GetElapsedTime(since).TotalSeconds);
            grown = Math.Max(grown, warden.ResidentBytes - before);
        }

        table.Add("stream of 256 MiB, end to end", $"{best:0} MB/s", "≥ 500 MB/s", best >= 500);
        table.Add("its memory", $"printed {(grown - Size) / 1048576.0:+0;-0} MiB", "≤ printed + 64 MiB", grown <= Size + Slack);

        using var discarding = ServerProcess.StartEmulator(emulator, NoLimit);
        await using var discardingClient = await WardenClient.ConnectAsync(discarding.SocketPath).ConfigureAwait(false);
        var container = await discardingClient.CreateAsync().ConfigureAwait(false);
        await discardingClient.RunAsync(container, "head -c 64M /dev/zero", new JobOptions { DiscardOutput = true }).ConfigureAwait(false);
        var start = discarding.ResidentBytes;
        await discardingClient.RunAsync(container, "head -c 2G /dev/zero", new JobOptions { DiscardOutput = true }).ConfigureAwait(false);
        var more = (discarding.ResidentBytes - start) / 1048576.0;
        table.Add("memory after 2 GiB discarded", $"{more:+0.0;-0.0} MiB", "flat (≤ 8 MiB)", more <= 8);
    }
}
