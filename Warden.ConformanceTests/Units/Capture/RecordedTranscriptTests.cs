using System.Diagnostics;
using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Vectors;
using Warden.Emulator;
using Warden.Spec.Capture;
using Warden.Spec.Client;
using Xunit;

namespace Warden.ConformanceTests.Units.Capture;

/// <summary>The steps of the recorded transcripts are lines that a replay plays.</summary>
public sealed class RecordedTranscriptTests
{
    public static TheoryData<string> Scenarios =>
        [.. Transcript.All.Where(transcript => !transcript.Steps.Any(UsesTheHost)).Select(transcript => transcript.Scenario)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_scenario_of_2016_is_played_to_its_end(string scenario)
    {
        using var directory = new TemporaryDirectory();
        var transcript = Transcript.All.First(transcript => transcript.Scenario == scenario);
        var path = directory.Write("session.jsonl", string.Join('\n', transcript.Steps.Select(step => step.GetRawText())));
        for (var tries = 1; ; tries++)
        {
            await using var warden = await WardenEmulator.StartAsync(new WardenEmulatorOptions
            {
                ConfigurationText = "server: { quota: { disk_quota_enabled: false } }",
            });
            var options = new ReplayOptions { TranscriptPath = path, Server = WardenEndpoint.Unix(warden.SocketPath) };
            var watch = Stopwatch.StartNew();
            var result = await SessionReplay.RunAsync(options).WaitAsync(2 * Deadline.Default);
            if (result.Divergence is null || tries == 10 || !transcript.WasPlayedTooSlowly(watch.Elapsed))
            {
                Assert.True(result.Divergence is null, result.Divergence?.Describe(path));
                return;
            }
        }
    }

    [Fact]
    public async Task The_example_of_the_README_is_played_to_its_end()
    {
        await using var warden = await WardenEmulator.StartAsync();
        var options = new ReplayOptions { TranscriptPath = VectorFile.PathOf("captured.jsonl"), Server = WardenEndpoint.Unix(warden.SocketPath) };
        Assert.Equal(new ReplayResult(9, null, false), await SessionReplay.RunAsync(options).WaitAsync(2 * Deadline.Default));
    }

    private static bool UsesTheHost(JsonElement step) =>
        step.GetRawText() is var text && (text.Contains("host files", StringComparison.Ordinal) || text.Contains("$TMP", StringComparison.Ordinal));
}
