using Warden.Spec.Client;

namespace Warden.Bench;

/// <summary>Create and run over the socket.</summary>
internal static class Containers
{
    private const string LargePool = """
        network:
          pool_network: 10.0.0.0/18
          release_delay: 0
        user:
          pool_size: 4096

        """;

    public static async Task MeasureAsync(string emulator, ResultTable table)
    {
        using var warden = ServerProcess.StartEmulator(emulator, LargePool);
        await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        var handles = new List<string>();
        var create = await Samples.MedianAsync(500, 1500, async _ => handles.Add(await client.CreateAsync().ConfigureAwait(false)))
            .ConfigureAwait(false);
        table.Add("create (p50)", $"{create / 1000:0.000} ms", "≤ 0.2 ms", create <= 200);

        var handle = handles[0];
        var run = await Samples.MedianAsync(500, 1500, _ => client.RunAsync(handle, "true")).ConfigureAwait(false);
        table.Add("run of true (p50)", $"{run / 1000:0.000} ms", "≤ 0.3 ms", run <= 300);

        using var fresh = ServerProcess.StartEmulator(emulator, LargePool);
        await using var freshClient = await WardenClient.ConnectAsync(fresh.SocketPath).ConfigureAwait(false);
        for (var i = 0; i < 100; i++)
        {
            await freshClient.CreateAsync().ConfigureAwait(false);
        }

        const int Count = 1500;
        var before = fresh.ResidentBytes;
        for (var i = 0; i < Count; i++)
        {
            await freshClient.CreateAsync().ConfigureAwait(false);
        }

        var each = (fresh.ResidentBytes - before) / 1024.0 / Count;
        table.Add("memory of a container (RSS)", $"{each:0.0} KiB", "≤ 30 KiB", each <= 30);
    }
}
