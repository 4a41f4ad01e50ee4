using System.Text;

namespace Warden.Linux.Doctor;

/// <summary>The report as a table for a terminal.</summary>
internal static class ReportText
{
    /// <summary>Writes it.</summary>
    public static string Write(HostReport report)
    {
        var width = report.Features.Max(feature => feature.Name.Length);
        var text = new StringBuilder();
        foreach (var area in report.Features.GroupBy(feature => feature.Area))
        {
            text.Append(area.Key).Append('\n');
            foreach (var feature in area)
            {
                text.Append($"  {Word(feature),-10}  {feature.Name.PadRight(width)}  {feature.Text}\n");
                if (feature.State == FeatureState.Lack)
                {
                    var indent = new string(' ', 16 + width);
                    text.Append($"{indent}then: {feature.Without}\n{indent}mend: {feature.Mend}\n");
                }
            }
        }

        var optional = report.Features.Count(feature => feature is { State: FeatureState.Lack, Needed: false });
        text.Append(report.Obstacle is { } obstacle
            ? $"\nA server cannot start here. {char.ToUpperInvariant(obstacle[0])}{obstacle[1..]}\n"
            : $"\nA server can start here{(optional == 0 ? "" : $", without what is lacking ({optional})")}.\n");
        return text.ToString();
    }

    private static string Word(Feature feature) => feature.State switch
    {
        FeatureState.Have => "have",
        FeatureState.NotNeeded => "not needed",
        _ => feature.Needed ? "LACK" : "lack",
    };
}
