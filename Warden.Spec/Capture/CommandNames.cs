using Warden.Spec.Commands;

namespace Warden.Spec.Capture;

/// <summary>The commands by the names that the protocol gives their types, such as <c>NetIn</c> (protocol.md §2).</summary>
internal static class CommandNames
{
    /// <summary>The type of an answer that says what failed.</summary>
    public const string Error = "Error";

    private static readonly Dictionary<string, CommandRow> Rows = CommandCatalogue.Rows.ToDictionary(Of, StringComparer.Ordinal);

    /// <summary>The name of a command.</summary>
    public static string Of(CommandRow row) => row.Request.Name[..^"Request".Length];

    /// <summary>The command of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static CommandRow Find(string? name) =>
        name is not null && Rows.TryGetValue(name, out var row) ? row : throw new FormatException($"there is no command {name}");
}
