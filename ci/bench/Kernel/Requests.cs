using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>Requests that start no process.</summary>
internal static class Requests
{
    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        using var warden = places.Start("plain");
        await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        var handle = await client.CreateAsync().ConfigureAwait(false);
        var info = await Samples.MedianAsync(100, 301, _ => client.InfoAsync(handle)).ConfigureAwait(false) / 1000;
        table.Add("info", $"{info:0.000} ms", "≤ 1 ms", info <= 1);
        var netIn = await Samples.MedianAsync(50, 301, _ => client.NetInAsync(handle)).ConfigureAwait(false) / 1000;
        table.Add("net in", $"{netIn:0.000} ms", "≤ 2 ms", netIn <= 2);
        await client.DestroyAsync(handle).ConfigureAwait(false);
    }
}
