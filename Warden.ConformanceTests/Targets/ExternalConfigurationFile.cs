using YamlDotNet.Serialization;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// The configuration that an external server is started with: the test's own, over the file named by WARDEN_CONFIG (which gives the root
/// filesystem, the depot and what else the machine needs), with the socket that the tests connect to.
/// </summary>
internal static class ExternalConfigurationFile
{
    public static string Merge(string configuration, string socketPath)
    {
        var file = Environment.GetEnvironmentVariable("WARDEN_CONFIG");
        var merged = string.IsNullOrEmpty(file) ? [] : Parse(File.ReadAllText(file));
        Overlay(merged, Parse(configuration));
        Overlay(merged, new() { ["server"] = new Dictionary<object, object?> { ["unix_domain_path"] = socketPath } });
        return new SerializerBuilder().Build().Serialize(merged);
    }

    private static Dictionary<object, object?> Parse(string text) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object?>?>(text) ?? [];

    private static void Overlay(Dictionary<object, object?> target, Dictionary<object, object?> source)
    {
        foreach (var (key, value) in source)
        {
            if (value is Dictionary<object, object?> section && target.GetValueOrDefault(key) is Dictionary<object, object?> existing)
            {
                Overlay(existing, section);
            }
            else
            {
                target[key] = value;
            }
        }
    }
}
