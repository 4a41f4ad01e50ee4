using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>A directory copied into a container, against cp on the host, onto the same file system.</summary>
internal static class Copies
{
    private const int Files = 1000;

    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        var source = Path.Combine(places.Work, "source");
        Directory.CreateDirectory(source);
        var content = new byte[1 << 20];
        var random = new Random(1);
        for (var i = 0; i < Files; i++)
        {
            random.NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(source, $"{i}"), content).ConfigureAwait(false);
        }

        using var warden = places.Start("plain");
        await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        var handle = await client.CreateAsync().ConfigureAwait(false);
        var copy = Path.Combine(places.Work, "copy");
        var turns = new Turns();
        turns.Add(
            () => HostPrograms.Run("/usr/bin/cp", "-a", "--reflink=never", source, copy),
            undo: () => HostPrograms.Run("/usr/bin/rm", "-r", copy));
        turns.Add(
            () => client.CopyInAsync(handle, source, "/tmp/"),
            undo: () => client.RunAsync(handle, "rm -r /tmp/source"));
        var times = await turns.MeasureAsync(warmUp: 2).ConfigureAwait(false);
        var speed = times[0] / times[1];
        table.Add(
            "copy in of 1000 files of 1 MiB, speed against `cp -a --reflink=never`",
            $"{Files / times[1] * 1000:0} MiB/s / {Files / times[0] * 1000:0} MiB/s = {speed:0.00} ×",
            "≥ 0.5 ×",
            speed >= 0.5);
        await client.DestroyAsync(handle).ConfigureAwait(false);
        Directory.Delete(source, true);
    }
}
