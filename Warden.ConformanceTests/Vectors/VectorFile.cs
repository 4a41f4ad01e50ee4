using System.Text.Json;

namespace Warden.ConformanceTests.Vectors;

/// <summary>The files of vectors, beside the assembly.</summary>
public static class VectorFile
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Vectors", name);

    public static IReadOnlyList<JsonElement> Lines(string name) =>
        [.. File.ReadLines(PathOf(name)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];
}
