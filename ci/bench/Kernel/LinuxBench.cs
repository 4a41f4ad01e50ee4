namespace Warden.Bench.Kernel;

/// <summary>All that is measured of the Linux server.</summary>
internal static class LinuxBench
{
    private static readonly (string Name, Func<Places, ResultTable, Task> Measure)[] Measures =
    [
        ("creates", Creates.MeasureAsync),
        ("runs", Runs.MeasureAsync),
        ("destroys", Destroys.MeasureAsync),
        ("requests", Requests.MeasureAsync),
        ("many", ManyContainers.MeasureAsync),
        ("streams", JobStreams.MeasureAsync),
        ("copies", Copies.MeasureAsync),
    ];

    /// <summary>Measures what is named, or everything, and prints the table.</summary>
    public static async Task RunAsync(Places places, IReadOnlyCollection<string> names)
    {
        if (names.Except(Measures.Select(measure => measure.Name)).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"{unknown} is none of {string.Join(", ", Measures.Select(measure => measure.Name))}");
        }

        var table = new ResultTable();
        foreach (var (_, measure) in Measures.Where(measure => names.Count == 0 || names.Contains(measure.Name)))
        {
            await measure(places, table).ConfigureAwait(false);
        }

        table.Print(Console.Out);
    }
}
