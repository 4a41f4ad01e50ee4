using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>A script in a container, against the same script in a bash of the host with the same language.</summary>
internal static class Runs
{
    private const string Script = "true";

    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        using var warden = places.Start("plain");
        await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);
        var handle = await client.CreateAsync().ConfigureAwait(false);
        var environment = await client.RunAsync(handle, "echo -n $LANG").ConfigureAwait(false);
        var language = environment.Stdout.ToStringUtf8();
        var turns = new Turns();
        turns.Add(() => { _ = HostPrograms.Bash(Script, language); });
        turns.Add(() => client.RunAsync(handle, Script));
        var times = await turns.MeasureAsync(count: 501, warmUp: 100).ConfigureAwait(false);
        table.AddRatio("run of true, against posix_spawn of bash on the host", times[1], times[0], 1.5);
        await client.DestroyAsync(handle).ConfigureAwait(false);
    }
}
