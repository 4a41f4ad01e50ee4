namespace Warden.Mutants;

/// <summary>
/// The faults of ci/mutants.txt. An entry is a line "ID FILE: what it does", then "- original" lines and "+ faulty" lines. The original
/// must stand in the file exactly once, so that an entry that no longer fits is noticed. An original that ends with ";" or "}" is
/// a statement, any other an expression.
/// </summary>
internal static class WrittenFaults
{
    public static IEnumerable<Fault> Read(string root, string list)
    {
        string? head = null;
        var original = new List<string>();
        var faulty = new List<string>();
        foreach (var line in File.ReadLines(list).Append(""))
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                original.Add(line[2..]);
            }
            else if (line.StartsWith('+'))
            {
                faulty.Add(line.Length > 1 ? line[2..] : "");
            }
            else if (head is not null && original.Count > 0)
            {
                yield return Make(root, head, string.Join('\n', original), string.Join('\n', faulty));
                (head, original, faulty) = (null, [], []);
            }

            if (line.Length > 0 && line[0] is not ('#' or '-' or '+'))
            {
                head = line;
            }
        }
    }

    private static Fault Make(string root, string head, string original, string faulty)
    {
        var colon = head.IndexOf(':', StringComparison.Ordinal);
        var words = head[..colon].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (id, file) = (words[0], words[1]);
        var text = File.ReadAllText(Path.Combine(root, file));
        var at = text.IndexOf(original, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(original, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidDataException($"{id}: its original must stand in {file} exactly once:\n{original}");
        }

        var isStatement = original.EndsWith(';') || original.EndsWith('}');
        var replacement = isStatement ? Fault.OfStatement(id, original, faulty) : Fault.OfExpression(id, original, faulty);
        return new Fault(id, file, at, original.Length, replacement, head[(colon + 1)..].Trim());
    }
}
