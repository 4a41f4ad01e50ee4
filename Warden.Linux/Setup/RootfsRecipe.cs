using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>What a root filesystem is made from.</summary>
internal sealed record RootfsRecipe
{
    /// <summary>
    /// What containers are used with, beside Debian's essential packages: addresses and routes, processes, connections.
    /// </summary>
    public static IReadOnlyList<string> DefaultPackages { get; } = ["iproute2", "procps", "netcat-openbsd", "iputils-ping"];

    /// <summary>A tarball or a directory that holds a whole root filesystem; null means to install packages.</summary>
    public string? Source { get; init; }

    /// <summary>Packages beside the default ones.</summary>
    public IReadOnlyList<string> ExtraPackages { get; init; } = [];

    /// <summary>The packages to install, in a fixed order.</summary>
    public IEnumerable<string> Packages => DefaultPackages.Union(ExtraPackages);

    /// <summary>Whether anything was asked for that a root filesystem of another recipe may lack.</summary>
    public bool IsDefault => Source is null && ExtraPackages.Count == 0;

    /// <summary>The line that a finished root filesystem is marked with.</summary>
    public string Description => Source is null ? $"packages {string.Join(',', Packages)}" : $"copy {Source}";

    /// <summary>Reads the command line's words.</summary>
    /// <param name="source">A path, or null.</param>
    /// <param name="packages">Names with commas between them, or null.</param>
    /// <exception cref="WardenException">They make no sense.</exception>
    public static RootfsRecipe Parse(string? source, string? packages)
    {
        var names = (packages ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.FirstOrDefault(name => !IsPackageName(name)) is { } wrong)
        {
            throw new WardenException($"--packages: '{wrong}' is no name of a package");
        }

        if (source is not null && names.Length > 0)
        {
            throw new WardenException("--packages does not go with --rootfs: nothing is installed into a given root filesystem");
        }

        return new RootfsRecipe { Source = source is null ? null : Path.GetFullPath(source), ExtraPackages = names };
    }

    /// <summary>Debian's policy for names (5.6.1), so that none passes for an option.</summary>
    private static bool IsPackageName(string name) =>
        char.IsAsciiLetterOrDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || "+-.".Contains(character));
}
