using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// A test's configuration with the root filesystem, the depot and the user ids that its host has. The text stays, so that lines keep their numbers:
/// what is missing goes into the section <c>server</c> behind what the test wrote, and nothing into a text that is no configuration.
/// </summary>
internal static class LinuxConfigurationText
{
    public static string Complete(string text, string rootfs, string depot, int? firstUser = null)
    {
        text = CompleteServer(text, rootfs, depot);
        return firstUser is { } user && Parse(text) is YamlMappingNode { Style: not MappingStyle.Flow } root
            && !root.Children.ContainsKey(new YamlScalarNode("user"))
            ? $"{text.TrimEnd()}\nuser: {{ pool_start_uid: {user.ToString(CultureInfo.InvariantCulture)} }}\n"
            : text;
    }

    private static string CompleteServer(string text, string rootfs, string depot)
    {
        if (IsEmpty(text))
        {
            text += text.EndsWith('\n') || text.Length == 0 ? "" : "\n";
        }

        var missing = new List<(string Key, string Value)>
        {
            ("container_rootfs_path", rootfs),
            ("container_depot_path", depot),
        };
        if (Parse(text) is not YamlMappingNode root)
        {
            return IsEmpty(text) ? $"{text}server: {Flow(missing)}\n" : text;
        }

        var server = root.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode { Value: "server" });
        switch (server.Value)
        {
            case null:
                return root.Style == MappingStyle.Flow ? text : $"{text.TrimEnd()}\nserver: {Flow(missing)}\n";
            case YamlScalarNode { Value: null or "" }:
                return Insert(text, server.Key.End, $": {Flow(missing)}", skip: ":".Length);
            case YamlMappingNode section:
                missing.RemoveAll(entry => section.Children.ContainsKey(new YamlScalarNode(entry.Key)));
                if (missing.Count == 0)
                {
                    return text;
                }

                if (section.Style == MappingStyle.Flow)
                {
                    return Insert(text, section.Start, $"{{ {string.Join(", ", missing.Select(Entry))}{(section.Children.Count > 0 ? "," : "")}", skip: 1);
                }

                var last = section.Children[^1].Value;
                var indent = new string(' ', (int)section.Children[0].Key.Start.Column - 1);
                return InsertLines(text, (int)End(last).Line, missing.Select(entry => indent + Entry(entry)));
            default:
                return text;
        }
    }

    private static YamlNode? Parse(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [var document] && document.RootNode is not YamlScalarNode { Value: null or "" } ? document.RootNode : null;
        }
        catch (YamlException)
        {
            return new YamlScalarNode("no YAML");
        }
    }

    private static bool IsEmpty(string text) =>
        text.Split('\n').All(line => line.Trim() is "" or "---" || line.TrimStart().StartsWith('#'));

    private static string Flow(IEnumerable<(string Key, string Value)> entries) => $"{{ {string.Join(", ", entries.Select(Entry))} }}";

    private static string Entry((string Key, string Value) entry) => $"{entry.Key}: {JsonSerializer.Serialize(entry.Value)}";

    /// <summary>The end of the last scalar of a node: that of a block is where the next begins.</summary>
    private static Mark End(YamlNode node) => node switch
    {
        YamlMappingNode { Style: not MappingStyle.Flow, Children.Count: > 0 } map => End(map.Children[^1].Value),
        YamlSequenceNode { Style: not SequenceStyle.Flow, Children.Count: > 0 } list => End(list.Children[^1]),
        _ => node.End,
    };

    private static string Insert(string text, Mark place, string inserted, int skip) =>
        text[..(int)place.Index] + inserted + text[((int)place.Index + skip)..];

    private static string InsertLines(string text, int after, IEnumerable<string> inserted)
    {
        var lines = text.Split('\n').ToList();
        lines.InsertRange(Math.Min(after, lines.Count), inserted);
        return string.Join('\n', lines);
    }
}
