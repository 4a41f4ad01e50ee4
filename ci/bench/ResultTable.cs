namespace Warden.Bench;

/// <summary>What was measured, and how it compares with what was aimed at.</summary>
internal sealed class ResultTable
{
    private readonly List<(string What, string Measured, string Aim, bool Met)> _rows = [];

    public void Add(string what, string measured, string aim, bool met)
    {
        _rows.Add((what, measured, aim, met));
        Console.Error.WriteLine($"{what}: {measured} (aim {aim}) {(met ? "met" : "NOT MET")}");
    }

    /// <summary>Adds a time and how many times another one it is, both in milliseconds.</summary>
    public void AddRatio(string what, double time, double other, double aim) =>
        Add(what, $"{time:0.00} ms / {other:0.00} ms = {time / other:0.00} ×", $"≤ {aim} ×", time <= aim * other);

    public void Print(TextWriter output)
    {
        output.WriteLine("| what | measured | aim | |");
        output.WriteLine("|---|---|---|---|");
        foreach (var (what, measured, aim, met) in _rows)
        {
            output.WriteLine($"| {what} | {measured} | {aim} | {(met ? "met" : "**not met**")} |");
        }
    }
}
