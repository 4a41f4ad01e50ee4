using System.Text;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The menu of select, in columns of 80.</summary>
internal static class SelectMenu
{
    public static string Format(IReadOnlyList<string> items)
    {
        var digits = items.Count.ToString().Length;
        var width = items.Max(static item => item.Length) + digits + 2;
        var columns = Math.Max(1, 80 / (width + 2));
        var rows = (items.Count + columns - 1) / columns;
        if (rows == 1)
        {
            rows = items.Count;
        }

        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            for (var i = row; i < items.Count; i += rows)
            {
                var cell = $"{(i + 1).ToString().PadLeft(digits)}) {items[i]}";
                text.Append(i + rows < items.Count ? cell.PadRight(width + 2) : cell);
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
