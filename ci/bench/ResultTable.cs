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
