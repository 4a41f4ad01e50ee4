namespace Warden.Emulator.Shell.Execution;

/// <summary>
/// The order in which bash lists an associative array: by the buckets of its hash table (FNV-1, 1024 buckets that grow fourfold at two
/// entries a bucket), the newest first within one.
/// </summary>
internal static class AssociativeOrder
{
    public static IEnumerable<string> Sort(IReadOnlyCollection<string> keys)
    {
        var buckets = 1024u;
        while (keys.Count > buckets * 2)
        {
            buckets *= 4;
        }

        var position = 0;
        return keys.Select(key => (Key: key, Bucket: Hash(key) & (buckets - 1), Position: position++))
            .OrderBy(static entry => entry.Bucket).ThenByDescending(static entry => entry.Position).Select(static entry => entry.Key).ToList();
    }

    private static uint Hash(string key)
    {
        var hash = 2166136261u;
        foreach (var c in key)
        {
            hash *= 16777619u;
            hash ^= c;
        }

        return hash;
    }
}
