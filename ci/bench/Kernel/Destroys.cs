using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>The end of running containers, one and twenty at once, against what crun and ip do for one.</summary>
internal static class Destroys
{
    private const int Many = 20;

    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        var crun = new Crun(places);
        using var warden = places.Start("plain");
        var clients = new WardenClient[Many];
        for (var i = 0; i < Many; i++)
        {
            clients[i] = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        }

        var handles = new string[Many];
        var turns = new Turns();
        turns.Add(
            () =>
            {
                crun.Delete("bench-lasting");
                HostPrograms.Run("/usr/sbin/ip", "link", "delete", "bench0");
            },
            prepare: () =>
            {
                crun.Start("bench-lasting");
                HostPrograms.Run("/usr/sbin/ip", "link", "add", "bench0", "type", "veth", "peer", "name", "bench1");
                HostPrograms.Run("/usr/sbin/ip", "address", "add", "192.0.2.1/30", "dev", "bench0");
                HostPrograms.Run("/usr/sbin/ip", "link", "set", "bench0", "up");
                HostPrograms.Run("/usr/sbin/ip", "link", "set", "bench1", "up");
            });
        turns.Add(() => clients[0].DestroyAsync(handles[0]), prepare: () => StartAsync(0));
        turns.Add(
            () => Task.WhenAll(clients.Select((client, i) => client.DestroyAsync(handles[i]))),
            prepare: async () =>
            {
                for (var i = 0; i < Many; i++)
                {
                    await StartAsync(i).ConfigureAwait(false);
                }
            });
        var times = await turns.MeasureAsync().ConfigureAwait(false);
        table.AddRatio("destroy of a running container, against `crun delete -f` and deleting a veth pair", times[1], times[0], 2);
        table.AddRatio("20 destroyed at once, against one", times[2], times[1], 4);
        foreach (var client in clients)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        // As crun's: a process of a program runs in it.
        async Task StartAsync(int i)
        {
            handles[i] = await clients[i].CreateAsync().ConfigureAwait(false);
            await clients[i].SpawnAsync(handles[i], "exec sleep infinity").ConfigureAwait(false);
        }
    }
}
