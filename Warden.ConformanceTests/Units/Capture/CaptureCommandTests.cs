using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Emulator;
using Xunit;

namespace Warden.ConformanceTests.Units.Capture;

/// <summary>The commands, as the built executable has them.</summary>
public sealed class CaptureCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_capture_that_ends_or_is_killed_leaves_what_can_be_played(bool isKilled)
    {
        Skip.If(!isKilled && OperatingSystem.IsWindows(), "Windows has no such signal");
        await using var warden = await WardenEmulator.StartAsync();
        var (path, socket) = (_directory["session.jsonl"], _directory["capture.sock"]);
        using var capture = Process.Start(EmulatorExecutable.Prepare("capture", "--socket", warden.SocketPath, "--listen", socket, "--out", path))!;
        try
        {
            Assert.StartsWith("{\"ready\":true", await Deadline.WithinAsync("the ready line", capture.StandardOutput.ReadLineAsync()), StringComparison.Ordinal);
            await using var client = await WireConnection.ConnectAsync(socket);
            var handle = (await client.CallAsync("Create")).Text("handle");
            await client.CallAsync("Run", ("handle", handle), ("script", "hostname"));
            await client.SendAsync("Run", ("handle", handle), ("script", "sleep 1000"));
            await Deadline.UntilAsync("the last request", () => Task.FromResult(File.ReadLines(path).Count() == 6));
            if (isKilled || OperatingSystem.IsWindows())
            {
                capture.Kill();
            }
            else
            {
                HostSystem.Signal(capture.Id, HostSystem.SigTerm);
            }

            await capture.WaitForExitAsync().WaitAsync(Deadline.Default);
            Assert.Equal(isKilled, capture.ExitCode != 0);
        }
        finally
        {
            if (!capture.HasExited)
            {
                capture.Kill(true);
            }
        }

        Assert.Equal(isKilled ? 6 : 7, File.ReadLines(path).Count());
        Assert.Equal((0, $"{path}: 3 requests, no divergence\n", ""), await EmulatorExecutable.Instance.RunAsync("", "replay", path));
    }

    [Fact]
    public async Task Replay_ends_with_1_for_a_divergence_and_with_2_where_it_cannot_play()
    {
        var path = _directory.Write("session.jsonl", """{"on":"c1","request":"Echo","fields":{"message":"a"},"response":{"message":"b"}}""");
        var told = $$"""
            {{path}}:1: message is "a", and "b" was recorded
              on c1:    Echo {"message":"a"}
              expected: {"message":"b"}
              got:      {"message":"a"}

            """.ReplaceLineEndings("\n");
        Assert.Equal((1, "", told), await EmulatorExecutable.Instance.RunAsync("", "replay", path));

        var nobody = _directory["nobody.sock"];
        var (status, _, error) = await EmulatorExecutable.Instance.RunAsync("", "--socket", nobody, "replay", path);
        Assert.Equal(2, status);
        Assert.StartsWith($"warden-emulator: cannot connect to {nobody}: ", error, StringComparison.Ordinal);
    }
}
