using Warden.Spec.Backend;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers.Jobs;

/// <summary>What jobs get that the request does not say.</summary>
internal sealed class JobDefaults
{
    private readonly ResourceLimitSet _limits;
    private readonly string _language;

    public JobDefaults(ServerSection server)
    {
        _limits = ResourceLimitSet.Default.With(server.ResourceLimits);
        _language = Environment.GetEnvironmentVariable("LANG") is { Length: > 0 } language ? language : "en_US.UTF-8";
        OutputLimit = server.JobOutputLimit > 0 ? server.JobOutputLimit : null;
    }

    private long? OutputLimit { get; }

    public JobSpec MakeSpec(uint id, ReadOnlyMemory<byte> script, bool privileged, ResourceLimits? limits, bool discardOutput, string? logTag) =>
        new()
        {
            Id = id,
            Script = script,
            Privileged = privileged,
            Limits = limits is null ? _limits : _limits.With(Overlay(limits)),
            DiscardOutput = discardOutput,
            OutputLimit = discardOutput ? null : OutputLimit,
            LogTag = logTag,
            Language = _language,
        };

    private static IEnumerable<KeyValuePair<ResourceLimit, ulong>> Overlay(ResourceLimits limits)
    {
        if (limits.HasAs)
        {
            yield return KeyValuePair.Create(ResourceLimit.As, limits.As);
        }

        if (limits.HasCore)
        {
            yield return KeyValuePair.Create(ResourceLimit.Core, limits.Core);
        }

        if (limits.HasCpu)
        {
            yield return KeyValuePair.Create(ResourceLimit.Cpu, limits.Cpu);
        }

        if (limits.HasData)
        {
            yield return KeyValuePair.Create(ResourceLimit.Data, limits.Data);
        }

        if (limits.HasFsize)
        {
            yield return KeyValuePair.Create(ResourceLimit.Fsize, limits.Fsize);
        }

        if (limits.HasLocks)
        {
            yield return KeyValuePair.Create(ResourceLimit.Locks, limits.Locks);
        }

        if (limits.HasMemlock)
        {
            yield return KeyValuePair.Create(ResourceLimit.Memlock, limits.Memlock);
        }

        if (limits.HasMsgqueue)
        {
            yield return KeyValuePair.Create(ResourceLimit.Msgqueue, limits.Msgqueue);
        }

        if (limits.HasNice)
        {
            yield return KeyValuePair.Create(ResourceLimit.Nice, limits.Nice);
        }

        if (limits.HasNofile)
        {
            yield return KeyValuePair.Create(ResourceLimit.Nofile, limits.Nofile);
        }

        if (limits.HasNproc)
        {
            yield return KeyValuePair.Create(ResourceLimit.Nproc, limits.Nproc);
        }

        if (limits.HasRss)
        {
            yield return KeyValuePair.Create(ResourceLimit.Rss, limits.Rss);
        }

        if (limits.HasRtprio)
        {
            yield return KeyValuePair.Create(ResourceLimit.Rtprio, limits.Rtprio);
        }

        if (limits.HasSigpending)
        {
            yield return KeyValuePair.Create(ResourceLimit.Sigpending, limits.Sigpending);
        }

        if (limits.HasStack)
        {
            yield return KeyValuePair.Create(ResourceLimit.Stack, limits.Stack);
        }
    }
}
