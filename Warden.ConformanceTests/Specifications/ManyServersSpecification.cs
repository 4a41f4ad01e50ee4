using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Many servers at once. Its classes run alone: what runs beside them would be starved.</summary>
public abstract class ManyServersSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-SERVE-009")]
    public async Task ManyServersServeAndNoneInterferes()
    {
        Need(ClauseNeeds.OwnConfiguration);
        Skip.If(Target is ExternalTarget, "there is one external socket");
        var count = Target.Many;

        // Few start at a time: the machine may have two cores. All live at the same time.
        using var turns = new SemaphoreSlim(4);
        var servers = await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            await turns.WaitAsync();
            try
            {
                return Own(await Target.StartAsync(new ServerOptions("")));
            }
            finally
            {
                turns.Release();
            }
        }));

        Assert.Equal(count, servers.Select(server => server.SocketPath).Distinct().Count());
        await ManyServers.ExpectApartAsync(servers);
    }
}
