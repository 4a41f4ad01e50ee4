using System.Numerics;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// Reads the keys of one section. What is wrong is collected with its file, line and path; the key's default is taken then, so that one
/// reading finds everything.
/// </summary>
internal sealed class SectionReader
{
    private readonly string _file;
    private readonly Dictionary<string, MapEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly ConfigurationProblems _problems;

    public SectionReader(ConfigurationNode? node, string file, ConfigurationProblems problems)
    {
        _file = file;
        _problems = problems;
        switch (node)
        {
            case MapNode map:
                foreach (var entry in map.Entries)
                {
                    _entries[entry.Key] = entry;
                    problems.Keys.Add(entry.Value.Path);
                }

                break;
            case null or ScalarNode { IsNull: true }:
                break;
            default:
                Wrong(node, "a mapping");
                break;
        }
    }

    public bool Has(string key) => _entries.ContainsKey(key);

    public SectionReader Section(string key) => new(Take(key), _file, _problems);

    /// <summary>A string; null is none.</summary>
    public string Text(string key, string fallback) =>
        Take(key) is { } node ? AsText(node) ?? fallback : fallback;

    /// <summary>A string or null.</summary>
    public string? OptionalText(string key, string? fallback = null) =>
        Take(key) switch
        {
            null => fallback,
            ScalarNode { IsNull: true } => null,
            var node => AsText(node, "a string or null"),
        };

    public bool Boolean(string key, bool fallback)
    {
        if (Take(key) is not { } node)
        {
            return fallback;
        }

        if (node is ScalarNode { Plain: true } scalar && YamlScalars.TryBoolean(scalar.Text, out var value))
        {
            return value;
        }

        Wrong(node, "true or false");
        return fallback;
    }

    public long Integer(string key, long fallback, long smallest, long largest) =>
        Take(key) is { } node && AsInteger(node, smallest, largest, orNull: false) is { } value ? (long)value : fallback;

    public long? OptionalInteger(string key, long? fallback, long smallest, long largest) =>
        Take(key) switch
        {
            null => fallback,
            ScalarNode { IsNull: true } => null,
            var node => (long?)AsInteger(node, smallest, largest, orNull: true) ?? fallback,
        };

    /// <summary>Seconds, whole or not.</summary>
    public TimeSpan? OptionalSeconds(string key, TimeSpan? fallback, bool orNull)
    {
        // More milliseconds than fit into 32 bits no timer takes.
        const double Longest = uint.MaxValue / 1000 - 1;
        switch (Take(key))
        {
            case null:
                return fallback;
            case ScalarNode { IsNull: true } when orNull:
                return null;
            case ScalarNode { Plain: true } scalar when YamlScalars.TryNumber(scalar.Text, out var seconds) && seconds is >= 0 and <= Longest:
                return TimeSpan.FromSeconds(seconds);
            case var node:
                Wrong(node, $"seconds from 0 to {Longest}" + (orNull ? " or null" : ""));
                return fallback;
        }
    }

    /// <summary>A list of strings, each of which is made into something; null is an empty list.</summary>
    public IReadOnlyList<T> List<T>(string key, string expected, Func<string, (bool Ok, T Value)> make, IReadOnlyList<T> fallback)
    {
        switch (Take(key))
        {
            case null:
                return fallback;
            case ScalarNode { IsNull: true }:
                return [];
            case ListNode list:
                var values = new List<T>();
                foreach (var item in list.Items)
                {
                    if (item is ScalarNode { IsNull: false } scalar && make(scalar.Text) is (true, var value))
                    {
                        values.Add(value);
                    }
                    else
                    {
                        Wrong(item, expected);
                    }
                }

                return values;
            case var node:
                Wrong(node, "a list");
                return [];
        }
    }

    /// <summary>A string that is made into something.</summary>
    public T? Made<T>(string key, string expected, Func<string, (bool Ok, T Value)> make)
        where T : struct
    {
        if (Take(key) is not { } node)
        {
            return null;
        }

        if (node is ScalarNode { IsNull: false } scalar && make(scalar.Text) is (true, var value))
        {
            return value;
        }

        Wrong(node, expected);
        return null;
    }

    /// <summary>The value of a key as it stands, and from now on known.</summary>
    public ConfigurationNode? Take(string key)
    {
        _known.Add(key);
        return _entries.GetValueOrDefault(key)?.Value;
    }

    /// <summary>The keys that nobody has taken.</summary>
    public IEnumerable<MapEntry> Rest() => _entries.Values.Where(entry => !_known.Contains(entry.Key));

    /// <summary>Warns about every key that nobody has taken.</summary>
    public void WarnUnknown(string what = "unknown key")
    {
        foreach (var entry in Rest())
        {
            Warn(entry, what);
        }
    }

    public void Warn(string key, string message)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            Warn(entry, message);
        }
    }

    public BigInteger? AsInteger(ConfigurationNode node, BigInteger smallest, BigInteger largest, bool orNull, string? or = null)
    {
        if (node is ScalarNode { Plain: true } scalar && YamlScalars.TryInteger(scalar.Text, out var value)
            && value >= smallest && value <= largest)
        {
            return value;
        }

        Wrong(node, $"an integer from {smallest} to {largest}" + (orNull ? " or null" : or is null ? "" : $" or {or}"));
        return null;
    }

    public void Wrong(ConfigurationNode node, string expected) =>
        _problems.Errors.Add($"{_file}:{node.Line}: {(node.Path.Length == 0 ? "" : node.Path + ": ")}expected {expected}, found {node.Description}");

    private void Warn(MapEntry entry, string message) => _problems.Warnings.Add($"{_file}:{entry.Line}: {entry.Value.Path}: {message}");

    private string? AsText(ConfigurationNode node, string expected = "a string")
    {
        // What another type could be, unquoted, is not taken for a string: a slip of the pen would become a path.
        if (node is ScalarNode { IsNull: false } scalar && scalar.Text.Length > 0 && !scalar.Text.Contains('\0')
            && (!scalar.Plain || !(YamlScalars.TryNumber(scalar.Text, out _) || YamlScalars.TryBoolean(scalar.Text, out _))))
        {
            return scalar.Text;
        }

        Wrong(node, expected);
        return null;
    }
}

/// <summary>What the reading of a file has found.</summary>
internal sealed class ConfigurationProblems
{
    public List<string> Errors { get; } = [];

    public List<string> Warnings { get; } = [];

    public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
}
