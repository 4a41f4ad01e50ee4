using System.Diagnostics;
using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>A job's output to a client, every byte of it compared.</summary>
internal static class JobStreams
{
    private const int Part = 64 << 20;
    private const int Parts = 16;

    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        var expected = new byte[Part];
        new Random(1).NextBytes(expected);
        var file = Path.Combine(places.Work, "part");
        await File.WriteAllBytesAsync(file, expected).ConfigureAwait(false);
        using var warden = places.Start("plain");
        await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        var handle = await client.CreateAsync().ConfigureAwait(false);
        await client.CopyInAsync(handle, file, "/tmp/").ConfigureAwait(false);
        var rates = new double[Turns.Count];
        for (var round = 0; round < rates.Length; round++)
        {
            var since = Stopwatch.GetTimestamp();
            var job = await client.SpawnAsync(handle, $"for ((i = 0; i < {Parts}; i++)); do cat /tmp/part; done").ConfigureAwait(false);
            long received = 0;
            await foreach (var part in client.StreamAsync(handle, job).ConfigureAwait(false))
            {
                received = Compare(part.Data.Span, expected, received);
            }

            rates[round] = received / 1e6 / Stopwatch.GetElapsedTime(since).TotalSeconds;
            if (received != (long)Part * Parts)
            {
                throw new InvalidOperationException($"{received} of {(long)Part * Parts} bytes came.");
            }
        }

        var rate = Samples.Median(rates);
        table.Add("stream of 1 GiB from a job to a client, every byte compared", $"{rate:0} MB/s", "≥ 400 MB/s", rate >= 400);
        await client.DestroyAsync(handle).ConfigureAwait(false);
    }

    private static long Compare(ReadOnlySpan<byte> data, byte[] expected, long at)
    {
        while (data.Length > 0)
        {
            var place = (int)(at % expected.Length);
            var count = Math.Min(data.Length, expected.Length - place);
            if (!data[..count].SequenceEqual(expected.AsSpan(place, count)))
            {
                throw new InvalidOperationException($"What came after {at} bytes is not what the job printed.");
            }

            data = data[count..];
            at += count;
        }

        return at;
    }
}
