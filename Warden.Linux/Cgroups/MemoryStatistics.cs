using System.Buffers.Text;
using System.Text;

namespace Warden.Linux.Cgroups;

/// <summary>Reads memory.stat of cgroup v1: lines of a name, a blank and a number.</summary>
internal static class MemoryStatistics
{
    private static readonly (byte[] Bytes, string Name)[] Fields = [.. Names().Select(name => (Encoding.ASCII.GetBytes(name), name))];

    /// <summary>The fields of protocol.md §2 that are there, in the kernel's order.</summary>
    public static IReadOnlyList<KeyValuePair<string, ulong>> Parse(ReadOnlySpan<byte> text)
    {
        var result = new List<KeyValuePair<string, ulong>>(Fields.Length);
        var expected = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            var blank = line.IndexOf((byte)' ');
            if (blank > 0 && TryFindName(line[..blank], ref expected) is { } name && Utf8Parser.TryParse(line[(blank + 1)..], out ulong value, out _))
            {
                result.Add(new(name, value));
            }
        }

        return result;
    }

    /// <summary>The kernel's order is nearly that of the table, so the search begins behind the last one found.</summary>
    private static string? TryFindName(ReadOnlySpan<byte> name, ref int expected)
    {
        for (var tried = 0; tried < Fields.Length; tried++)
        {
            var index = (expected + tried) % Fields.Length;
            if (name.SequenceEqual(Fields[index].Bytes))
            {
                expected = index + 1;
                return Fields[index].Name;
            }
        }

        return null;
    }

    private static IEnumerable<string> Names()
    {
        string[] own =
        [
            "cache", "rss", "mapped_file", "swap", "pgpgin", "pgpgout", "pgfault", "pgmajfault", "inactive_anon", "active_anon", "inactive_file",
            "active_file", "unevictable",
        ];
        return [.. own, "hierarchical_memory_limit", "hierarchical_memsw_limit", .. own.Select(name => $"total_{name}")];
    }
}
