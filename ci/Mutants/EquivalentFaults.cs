namespace Warden.Mutants;

/// <summary>
/// The faults of ci/mutants-equivalent.txt: drawn ones that change nothing that anyone could observe through the protocol, each with the
/// reason. An entry is three lines: the file, the description as the draw prints it, the reason.
/// </summary>
internal sealed class EquivalentFaults
{
    private readonly Dictionary<(string File, string Description), string> _reasons = [];

    public EquivalentFaults(string path)
    {
        var lines = File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        if (lines.Length % 3 != 0)
        {
            throw new InvalidDataException($"{path}: an entry is three lines: file, description, reason.");
        }

        foreach (var entry in lines.Chunk(3))
        {
            _reasons.Add((entry[0], entry[1]), entry[2]);
        }
    }

    /// <summary>Those that the draw met.</summary>
    public List<(string File, string Description, string Reason)> PassedOver { get; } = [];

    /// <summary>Whether the fault is one of them.</summary>
    public bool PassOver(string file, string description)
    {
        if (!_reasons.TryGetValue((file, description), out var reason))
        {
            return false;
        }

        PassedOver.Add((file, description, reason));
        return true;
    }
}
