using System.Buffers.Text;
using System.Text;

namespace Warden.Linux.Cgroups;

/// <summary>
/// What a group of cgroup v2 tells of its use, by the names of protocol.md §2, which are those of version 1. Version 2 counts what is beneath
/// a group with it and nothing apart, so that a number and its total are the same.
/// </summary>
internal static class UnifiedStatistics
{
    private const ulong NanosecondsPerMicrosecond = 1000;

    // USER_HZ is 100 on every architecture that .NET runs on.
    private const ulong MicrosecondsPerTick = 10_000;

    private static readonly (byte[] Name, string Field)[] Fields =
    [
        Field("file", "cache"), Field("anon", "rss"), Field("file_mapped", "mapped_file"), Field("pgpgin"), Field("pgpgout"), Field("pgfault"),
        Field("pgmajfault"), Field("inactive_anon"), Field("active_anon"), Field("inactive_file"), Field("active_file"), Field("unevictable"),
    ];

    /// <summary>The fields of memory.</summary>
    /// <param name="text">memory.stat.</param>
    /// <param name="swap">Bytes of swap in use; null where that is not accounted.</param>
    /// <param name="limit">The limit in force.</param>
    /// <param name="limitWithSwap">That of memory and swap; null where swap is not accounted.</param>
    public static IReadOnlyList<KeyValuePair<string, ulong>> Memory(ReadOnlySpan<byte> text, ulong? swap, ulong limit, ulong? limitWithSwap)
    {
        var own = new List<KeyValuePair<string, ulong>>(Fields.Length + 1);
        foreach (var (name, field) in Fields)
        {
            // Newer kernels count no pages in and out for version 2.
            if (Find(text, name) is { } value)
            {
                own.Add(new(field, value));
            }
        }

        if (swap is { } swapped)
        {
            own.Add(new("swap", swapped));
        }

        var result = new List<KeyValuePair<string, ulong>>((own.Count * 2) + 2);
        result.AddRange(own);
        result.Add(new("hierarchical_memory_limit", limit));
        if (limitWithSwap is { } both)
        {
            result.Add(new("hierarchical_memsw_limit", both));
        }

        result.AddRange(own.Select(field => new KeyValuePair<string, ulong>($"total_{field.Key}", field.Value)));
        return result;
    }

    /// <summary>CPU time, without memory.</summary>
    /// <param name="text">cpu.stat.</param>
    public static CgroupUsage Cpu(ReadOnlySpan<byte> text) => new(
        [],
        (Find(text, "usage_usec"u8) ?? throw new InvalidDataException("cpu.stat has no usage_usec")) * NanosecondsPerMicrosecond,
        Find(text, "user_usec"u8) / MicrosecondsPerTick,
        Find(text, "system_usec"u8) / MicrosecondsPerTick);

    /// <summary>The number behind a name in lines of a name, a blank and a number.</summary>
    private static ulong? Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.Length > name.Length && line.StartsWith(name) && line[name.Length] == ' ')
            {
                return Utf8Parser.TryParse(line[(name.Length + 1)..], out ulong value, out _) ? value : null;
            }
        }

        return null;
    }

    private static (byte[] Name, string Field) Field(string name, string? field = null) => (Encoding.ASCII.GetBytes(name), field ?? name);
}
