using System.Globalization;
using System.Numerics;
using Warden.Spec.Backend;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// Reads <c>container_rlimits</c>, whose values are setrlimit(2)'s, and <c>container_limits_conf</c> of 2012, whose values are those of
/// limits.conf(5): KiB for sizes, minutes for CPU time. In both -1 stands for no limit, as do the words of limits.conf(5).
/// </summary>
internal static class ResourceLimitKeys
{
    private const string NoLimit = "the name of no resource limit; it does nothing";

    private static readonly ResourceLimit[] InKibibytes =
    [
        ResourceLimit.As, ResourceLimit.Core, ResourceLimit.Data, ResourceLimit.Fsize, ResourceLimit.Memlock, ResourceLimit.Rss,
        ResourceLimit.Stack,
    ];

    public static Dictionary<ResourceLimit, ulong> Read(
        SectionReader limitsConf, SectionReader rlimits, IReadOnlyDictionary<ResourceLimit, ulong> defaults)
    {
        var limits = new Dictionary<ResourceLimit, ulong>(defaults);
        foreach (var limit in Enum.GetValues<ResourceLimit>())
        {
            var name = limit.ToString().ToLower(CultureInfo.InvariantCulture);
            if (Value(limitsConf, name) is { } conf)
            {
                var unit = InKibibytes.Contains(limit) ? 1024u : limit == ResourceLimit.Cpu ? 60u : 1u;
                var value = new BigInteger(conf) * unit;
                limits[limit] = conf == ResourceLimitSet.Unlimited || value > ulong.MaxValue ? ResourceLimitSet.Unlimited : (ulong)value;
            }

            if (Value(rlimits, name) is { } exact)
            {
                limits[limit] = exact;
            }
        }

        limitsConf.WarnUnknown(NoLimit);
        rlimits.WarnUnknown(NoLimit);
        return limits;
    }

    private static ulong? Value(SectionReader section, string name)
    {
        switch (section.Take(name))
        {
            case null or ScalarNode { IsNull: true }:
                return null;
            case ScalarNode { Text: "unlimited" or "infinity" or "-1" }:
                return ResourceLimitSet.Unlimited;
            case var node:
                return (ulong?)section.AsInteger(node, 0, ulong.MaxValue, orNull: false, "-1 for unlimited");
        }
    }
}
