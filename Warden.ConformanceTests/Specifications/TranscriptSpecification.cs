using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Vectors;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What the server of 2016 answered, this server answers.</summary>
public abstract class TranscriptSpecification(Target target) : Specification(target)
{
    public static TheoryData<string> Scenarios => [.. Transcript.All.Select(transcript => transcript.Scenario)];

    [SkippableTheory]
    [MemberData(nameof(Scenarios))]
    [Clause("WRD-MSG-006")]
    public async Task ATranscriptIsAnsweredAsRecorded(string scenario)
    {
        // Recorded with quotas off, on a server without containers. One that cannot be started so may list more and tell of its disk.
        var isAlone = Target.Lacks(ClauseNeeds.OwnConfiguration) is null;
        const int MostTries = 5;
        for (var tries = 1; ; tries++)
        {
            if (isAlone)
            {
                await StartServerAsync("server: { quota: { disk_quota_enabled: false } }");
            }

            await using var replay = new TranscriptReplay(Server, Host, isAlone);
            try
            {
                await replay.RunAsync(Transcript.All.First(transcript => transcript.Scenario == scenario));
                return;
            }
            catch (Exception) when (replay.HasLostPace && tries < MostTries)
            {
                // The machine stood still where the recorded one did not: what came out is no judgement.
            }
            finally
            {
                replay.Handles.ForEach(Track);
            }
        }
    }
}
