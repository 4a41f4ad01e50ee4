namespace Warden.Emulator.Programs;

/// <summary>Columns as wide as their widest cell; the last one is not padded.</summary>
internal static class Table
{
    public static void Print<T>(Invocation c, List<(string Title, bool Left, Func<T, string> Value, int Minimum)> columns, IReadOnlyList<T> rows)
    {
        var cells = rows.Select(r => columns.ConvertAll(x => x.Value(r))).Prepend(columns.ConvertAll(x => x.Title)).ToList();
        var widths = columns.Select((x, i) => Math.Max(x.Minimum, cells.Max(r => r[i].Length))).ToArray();
        foreach (var row in cells)
        {
            var padded = row.Select((cell, i) => columns[i].Left ? (i == row.Count - 1 ? cell : cell.PadRight(widths[i])) : cell.PadLeft(widths[i]));
            c.WriteLine(string.Join(' ', padded));
        }
    }
}
