using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warden.ConformanceTests.Units.Programs;

/// <summary>
/// What programs of Debian 12 print for given arguments, input and files, recorded from the real ones in the C locale
/// (Units/Programs/expectations.json). All text is byte text.
/// </summary>
internal static class ProgramExpectations
{
    private static readonly Lazy<ExpectationFile> Loaded = new(Load);

    public static IReadOnlyDictionary<string, string> Files => Loaded.Value.Files;

    public static IReadOnlyList<Expectation> Cases => Loaded.Value.Cases;

    private static ExpectationFile Load()
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Units", "Programs", "expectations.json"));
        return JsonSerializer.Deserialize(stream, ExpectationContext.Default.ExpectationFile)!;
    }
}

internal sealed record ExpectationFile(Dictionary<string, string> Files, List<Expectation> Cases);

/// <summary>Commands that run one after another in a directory of their own; status is the last one's.</summary>
internal sealed record Expectation(
    List<List<string>> Run, int Status, string? Stdin = null, string? Out = null, string? Err = null, bool Unordered = false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExpectationFile))]
internal sealed partial class ExpectationContext : JsonSerializerContext;
