using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Warden.Linux.Doctor;

/// <summary>The report for programs.</summary>
internal static class ReportJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes it: <c>can_serve</c>, <c>obstacle</c>, and <c>features</c> with area, name, state (have, lack, not_needed), needed, finding, and of
    /// what is lacking without and mend.
    /// </summary>
    public static string Write(HostReport report)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("can_serve", report.CanServe);
            writer.WriteString("obstacle", report.Obstacle);
            writer.WriteStartArray("features");
            foreach (var feature in report.Features)
            {
                Write(writer, feature);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, Feature feature)
    {
        writer.WriteStartObject();
        writer.WriteString("area", feature.Area);
        writer.WriteString("name", feature.Name);
        writer.WriteString("state", feature.State switch
        {
            FeatureState.Have => "have",
            FeatureState.NotNeeded => "not_needed",
            _ => "lack",
        });
        writer.WriteBoolean("needed", feature.Needed);
        writer.WriteString("finding", feature.Text);
        if (feature.State == FeatureState.Lack)
        {
            writer.WriteString("without", feature.Without);
            writer.WriteString("mend", feature.Mend);
        }

        writer.WriteEndObject();
    }
}
