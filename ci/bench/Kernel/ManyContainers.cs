using System.Diagnostics;
using Warden.Spec.Client;

namespace Warden.Bench.Kernel;

/// <summary>Two hundred containers at a time: whether the last are made as fast as the first, and what they hold of memory.</summary>
internal static class ManyContainers
{
    private const int Containers = 200;
    private const int Sample = 10;
    private const int Rounds = 4;

    public static async Task MeasureAsync(Places places, ResultTable table)
    {
        var (first, last) = (new List<double>(), new List<double>());
        var (pss, ownBytes) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            using var warden = places.Start("plain");
            await using var client = await WardenClient.ConnectAsync(warden.SocketPath).ConfigureAwait(false);

            // A server that has made none yet is slower at its first ones, which would hide that it slows down later.
            for (var i = 0; i < Sample; i++)
            {
                await client.DestroyAsync(await client.CreateAsync().ConfigureAwait(false)).ConfigureAwait(false);
            }

            var handles = new List<string>();
            for (var number = 1; number <= Containers; number++)
            {
                var since = Stopwatch.GetTimestamp();
                handles.Add(await client.CreateAsync().ConfigureAwait(false));
                var time = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
                if (number is > 1 and <= 1 + Sample)
                {
                    first.Add(time);
                }
                else if (number > Containers - Sample)
                {
                    last.Add(time);
                }
            }

            var memory = ContainerMemory.Read(warden.Id);
            (pss, ownBytes) = (Math.Max(pss, memory.Proportional), Math.Max(ownBytes, memory.Private));
            await Task.WhenAll(handles.Select(handle => client.DestroyAsync(handle))).ConfigureAwait(false);
        }

        table.AddRatio("create no. 191–200, against no. 2–11", Samples.Median([.. last]), Samples.Median([.. first]), 1.2);
        var (eachPss, eachOwn) = (pss / Containers / 1048576, ownBytes / Containers / 1048576);
        table.Add("memory of each of 200 idle containers (Pss, the server included)", $"{eachPss:0.00} MiB", "≤ 1.5 MiB", eachPss <= 1.5);
        table.Add("of it private to its init and monitor", $"{eachOwn:0.00} MiB", "≤ 1 MiB", eachOwn <= 1);
    }
}
