namespace Warden.Emulator.Programs;

/// <summary>A change: lines [A, A + Removed) of the first become lines [B, B + Added) of the second.</summary>
internal readonly record struct DiffEdit(int A, int Removed, int B, int Added);

/// <summary>Finds a shortest list of changes (Myers, 1986).</summary>
internal sealed class DiffScript(List<string> a, List<string> b, Func<string, string> key)
{
    public List<DiffEdit> Edits()
    {
        var x = a.ConvertAll(l => key(l));
        var y = b.ConvertAll(l => key(l));
        var (n, m) = (x.Count, y.Count);
        var most = n + m;
        var furthest = new int[(2 * most) + 2];
        var trace = new List<int[]>();
        for (var d = 0; d <= most; d++)
        {
            trace.Add((int[])furthest.Clone());
            for (var k = -d; k <= d; k += 2)
            {
                var i = k == -d || (k != d && furthest[most + k - 1] < furthest[most + k + 1]) ? furthest[most + k + 1] : furthest[most + k - 1] + 1;
                var j = i - k;
                while (i < n && j < m && x[i] == y[j])
                {
                    (i, j) = (i + 1, j + 1);
                }
                furthest[most + k] = i;
                if (i >= n && j >= m)
                {
                    return Back(trace, n, m, most, d);
                }
            }
        }
        return [];
    }

    private static List<DiffEdit> Back(List<int[]> trace, int i, int j, int most, int depth)
    {
        var edits = new List<DiffEdit>();
        for (var d = depth; d > 0; d--)
        {
            var furthest = trace[d];
            var k = i - j;
            var down = k == -d || (k != d && furthest[most + k - 1] < furthest[most + k + 1]);
            var before = down ? k + 1 : k - 1;
            var fromI = furthest[most + before];
            var fromJ = fromI - before;
            var edit = down ? new DiffEdit(fromI, 0, fromJ, 1) : new DiffEdit(fromI, 1, fromJ, 0);
            if (edits.Count > 0 && edits[^1] is var next && edit.A + edit.Removed == next.A && edit.B + edit.Added == next.B)
            {
                edits[^1] = new DiffEdit(edit.A, edit.Removed + next.Removed, edit.B, edit.Added + next.Added);
            }
            else
            {
                edits.Add(edit);
            }
            (i, j) = (fromI, fromJ);
        }
        edits.Reverse();
        return edits;
    }
}

/// <summary>Prints changes as ed-like blocks or in unified form.</summary>
internal sealed class DiffPrinter(Invocation c, List<string> a, List<string> b)
{
    public void Normal(List<DiffEdit> edits)
    {
        foreach (var e in edits)
        {
            var letter = e.Removed == 0 ? 'a' : e.Added == 0 ? 'd' : 'c';
            c.WriteLine(Range(e.A, e.Removed) + letter + Range(e.B, e.Added));
            Show("< ", a, e.A, e.Removed);
            c.Write(letter == 'c' ? "---\n" : "");
            Show("> ", b, e.B, e.Added);
        }
    }

    public void Unified(List<DiffEdit> edits, int context)
    {
        for (var first = 0; first < edits.Count;)
        {
            var last = first;
            while (last + 1 < edits.Count && edits[last + 1].A - (edits[last].A + edits[last].Removed) <= 2 * context)
            {
                last++;
            }
            var fromA = Math.Max(0, edits[first].A - context);
            var fromB = edits[first].B - (edits[first].A - fromA);
            var toA = Math.Min(a.Count, edits[last].A + edits[last].Removed + context);
            var toB = edits[last].B + edits[last].Added + (toA - edits[last].A - edits[last].Removed);
            c.WriteLine($"@@ -{Span(fromA, toA - fromA)} +{Span(fromB, toB - fromB)} @@");
            var at = fromA;
            for (; first <= last; first++)
            {
                Show(" ", a, at, edits[first].A - at);
                Show("-", a, edits[first].A, edits[first].Removed);
                Show("+", b, edits[first].B, edits[first].Added);
                at = edits[first].A + edits[first].Removed;
            }
            Show(" ", a, at, toA - at);
        }
    }

    private static string Range(int start, int count) => count switch { 0 => start.ToString(), 1 => (start + 1).ToString(), _ => $"{start + 1},{start + count}" };

    private static string Span(int start, int count) => count == 1 ? (start + 1).ToString() : $"{(count == 0 ? start : start + 1)},{count}";

    private void Show(string mark, List<string> lines, int start, int count)
    {
        for (var i = start; i < start + count; i++)
        {
            c.Write(mark + lines[i]);
            c.Write(lines[i].EndsWith('\n') ? "" : "\n\\ No newline at end of file\n");
        }
    }
}
