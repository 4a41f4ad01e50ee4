namespace Warden.Bench;

/// <summary>From exec to the ready line, and what an idle server holds.</summary>
internal static class Startup
{
    public static async Task MeasureAsync(string emulator, ResultTable table)
    {
        const int Rounds = 31;
        var (ready, resident) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            using var warden = ServerProcess.StartEmulator(emulator);
            ready[round] = warden.ReadyAfter.TotalMilliseconds;
            resident[round] = warden.ResidentBytes / 1048576.0;
        }

        var (milliseconds, mebibytes) = (Samples.Median(ready), Samples.Median(resident));
        table.Add("ready after exec (p50)", $"{milliseconds:0.0} ms", "≤ 40 ms", milliseconds <= 40);
        table.Add("memory of an idle server (RSS, p50)", $"{mebibytes:0.0} MiB", "≤ 20 MiB", mebibytes <= 20);
        await Task.CompletedTask.ConfigureAwait(false);
    }
}
