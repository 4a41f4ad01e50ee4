namespace Warden.Spec.Cli;

/// <summary>How the positional syntax is typed: the words of V1 mode (protocol.md §7), with scripts as the rest of the line.</summary>
internal static class PositionalSyntax
{
    private static readonly Dictionary<string, Usage> ByName = new(StringComparer.Ordinal)
    {
        ["ping"] = new([string.Empty], TakesHandle: false),
        ["create"] = new(["[bind_mount:SRC,DST,ro|rw]... [grace_time:SECONDS] [handle:H] [network:ADDRESS] [rootfs:DIR]"], TakesHandle: false),
        ["stop"] = new(["HANDLE [background] [kill]"]),
        ["destroy"] = new(["HANDLE"]),
        ["info"] = new(["HANDLE"]),
        ["spawn"] = new(["HANDLE COMMAND..."]),
        ["link"] = new(["HANDLE JOB"]),
        ["stream"] = new(["HANDLE JOB"]),
        ["run"] = new(["HANDLE COMMAND..."]),
        ["net"] = new(["HANDLE in", "HANDLE out ADDRESS[/MASK][:PORT]"], Words: ["in", "out"], Summary: "Opens a container to the network, or the network to it."),
        ["copy"] = new(["HANDLE in SRC DST", "HANDLE out SRC DST [OWNER]"], Words: ["in", "out"], Summary: "Copies files into a container or out of it."),
        ["limit"] = new(
            ["HANDLE mem [BYTES]", "HANDLE disk [BYTES]", "HANDLE cpu [SHARES]", "HANDLE bandwidth [RATE BURST]"],
            Words: ["mem", "disk", "cpu", "bandwidth"],
            Summary: "Sets or reads a container's limit."),
        ["list"] = new([string.Empty], TakesHandle: false),
        ["echo"] = new(["TEXT..."], TakesHandle: false),
    };

    /// <summary>The commands that can be typed positionally.</summary>
    internal static IReadOnlyDictionary<string, Usage> Commands => ByName;

    /// <summary>
    /// The command as V1 mode takes it: what is typed behind the handle of a job, or behind echo, is one text.
    /// </summary>
    internal static object[] Fold(IReadOnlyList<string> words)
    {
        int text = words[0] switch
        {
            "run" or "spawn" => 2,
            "echo" => 1,
            _ => words.Count,
        };
        return words.Count <= text + 1 ? [.. words] : [.. words.Take(text), string.Join(' ', words.Skip(text))];
    }

    /// <summary>What follows a command's name.</summary>
    /// <param name="Forms">One line a form.</param>
    /// <param name="TakesHandle">Whether the first word is a handle.</param>
    /// <param name="Words">What may stand behind the handle.</param>
    /// <param name="Summary">What it does, for a command that is no row of the catalogue.</param>
    internal sealed record Usage(string[] Forms, bool TakesHandle = true, string[]? Words = null, string? Summary = null);
}
