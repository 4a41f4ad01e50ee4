using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>A container made and answered for, with network, rules and an init that serves, against crun's of <c>true</c> without network.</summary>
internal static class Creates
{
    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        var crun = new Crun(places);
        using var plain = places.Start("plain");
        using var btrfs = places.Start("btrfs");
        await using var plainClient = await WardenClient.ConnectAsync(plain.SocketPath).ConfigureAwait(false);
        await using var btrfsClient = await WardenClient.ConnectAsync(btrfs.SocketPath).ConfigureAwait(false);
        var turns = new Turns();
        turns.Add(crun.RunTrue);
        Add(plainClient);
        Add(btrfsClient);
        var times = await turns.MeasureAsync().ConfigureAwait(false);
        table.AddRatio("create, against `crun run` of true without network", times[1], times[0], 1);
        table.AddRatio("create on btrfs, with a subvolume, against the same", times[2], times[0], 1.75);

        void Add(WardenClient client)
        {
            var handle = "";
            turns.Add(
                async () => handle = await client.CreateAsync().ConfigureAwait(false),
                undo: () => client.DestroyAsync(handle));
        }
    }
}
