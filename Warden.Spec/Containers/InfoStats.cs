using Warden.Spec.Protocol;

namespace Warden.Spec.Containers;

/// <summary>Puts what a backend measured into the wire's fields.</summary>
internal static class InfoStats
{
    /// <summary>
    /// The memory controller's fields by their names; names that the protocol has no field for are passed over. The three that
    /// clients reckon with are always set (protocol.md §3).
    /// </summary>
    public static InfoResponse.Types.MemoryStat Memory(IReadOnlyList<KeyValuePair<string, ulong>> fields)
    {
        var stat = new InfoResponse.Types.MemoryStat();
        for (var index = 0; index < fields.Count; index++)
        {
            var (name, value) = fields[index];
            Set(stat, name, value);
        }

        if (!stat.HasTotalRss)
        {
            stat.TotalRss = stat.Rss;
        }

        if (!stat.HasTotalCache)
        {
            stat.TotalCache = stat.Cache;
        }

        if (!stat.HasTotalInactiveFile)
        {
            stat.TotalInactiveFile = stat.InactiveFile;
        }

        return stat;
    }

    private static void Set(InfoResponse.Types.MemoryStat stat, string name, ulong value)
    {
        switch (name)
        {
            case "cache":
                stat.Cache = value;
                break;
            case "rss":
                stat.Rss = value;
                break;
            case "mapped_file":
                stat.MappedFile = value;
                break;
            case "pgpgin":
                stat.Pgpgin = value;
                break;
            case "pgpgout":
                stat.Pgpgout = value;
                break;
            case "swap":
                stat.Swap = value;
                break;
            case "pgfault":
                stat.Pgfault = value;
                break;
            case "pgmajfault":
                stat.Pgmajfault = value;
                break;
            case "inactive_anon":
                stat.InactiveAnon = value;
                break;
            case "active_anon":
                stat.ActiveAnon = value;
                break;
            case "inactive_file":
                stat.InactiveFile = value;
                break;
            case "active_file":
                stat.ActiveFile = value;
                break;
            case "unevictable":
                stat.Unevictable = value;
                break;
            case "hierarchical_memory_limit":
                stat.HierarchicalMemoryLimit = value;
                break;
            case "hierarchical_memsw_limit":
                stat.HierarchicalMemswLimit = value;
                break;
            case "total_cache":
                stat.TotalCache = value;
                break;
            case "total_rss":
                stat.TotalRss = value;
                break;
            case "total_mapped_file":
                stat.TotalMappedFile = value;
                break;
            case "total_pgpgin":
                stat.TotalPgpgin = value;
                break;
            case "total_pgpgout":
                stat.TotalPgpgout = value;
                break;
            case "total_swap":
                stat.TotalSwap = value;
                break;
            case "total_pgfault":
                stat.TotalPgfault = value;
                break;
            case "total_pgmajfault":
                stat.TotalPgmajfault = value;
                break;
            case "total_inactive_anon":
                stat.TotalInactiveAnon = value;
                break;
            case "total_active_anon":
                stat.TotalActiveAnon = value;
                break;
            case "total_inactive_file":
                stat.TotalInactiveFile = value;
                break;
            case "total_active_file":
                stat.TotalActiveFile = value;
                break;
            case "total_unevictable":
                stat.TotalUnevictable = value;
                break;
            default:
                break;
        }
    }
}
