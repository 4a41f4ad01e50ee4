using YamlDotNet.RepresentationModel;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// The configuration that an external server is started with: the test's own, over the file named by WARDEN_CONFIG (which gives the root
/// filesystem, the depot and what else the machine needs), with the socket that the tests connect to.
/// </summary>
/// <remarks>Merged as nodes, not as values: what is quoted stays quoted.</remarks>
internal static class ExternalConfigurationFile
{
    public static string Merge(string configuration, string socketPath)
    {
        var file = Environment.GetEnvironmentVariable("WARDEN_CONFIG");
        var merged = string.IsNullOrEmpty(file) ? [] : Parse(File.ReadAllText(file));
        Overlay(merged, Parse(configuration));
        Overlay(merged, new YamlMappingNode("server", new YamlMappingNode("unix_domain_path", socketPath)));
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(merged)).Save(text, assignAnchors: false);
        return text.ToString();
    }

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count > 0 && stream.Documents[0].RootNode is YamlMappingNode mapping ? mapping : [];
    }

    private static void Overlay(YamlMappingNode target, YamlMappingNode source)
    {
        foreach (var (key, value) in source.Children)
        {
            if (value is YamlMappingNode section && target.Children.TryGetValue(key, out var old) && old is YamlMappingNode existing)
            {
                Overlay(existing, section);
            }
            else
            {
                target.Children[key] = value;
            }
        }
    }
}
