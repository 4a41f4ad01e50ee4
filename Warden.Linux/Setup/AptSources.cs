namespace Warden.Linux.Setup;

/// <summary>Where this host gets its packages, for a root filesystem of the same distribution.</summary>
/// <param name="Suite">The release's code name, such as <c>bookworm</c>.</param>
/// <param name="File">A list of sources; null means the builder's own default.</param>
internal sealed record AptSources(string Suite, string? File)
{
    private const string DefaultSuite = "bookworm";

    private static readonly string[] Files = ["etc/apt/sources.list.d/debian.sources", "etc/apt/sources.list.d/ubuntu.sources", "etc/apt/sources.list"];

    /// <summary>Reads a system's own sources.</summary>
    /// <param name="root">The system's root directory.</param>
    public static AptSources Read(string root = "/")
    {
        var file = Files.Select(name => Path.Combine(root, name)).FirstOrDefault(HasSource);
        return file is not null && ReadCodeName(Path.Combine(root, "etc/os-release")) is { } suite
            ? new AptSources(suite, file)
            : new AptSources(DefaultSuite, null);
    }

    /// <summary>The mirror of the suite as apt knows it, for debootstrap, which reads no lists of sources; null when apt knows none.</summary>
    public async Task<string?> FindMirrorAsync(HostPrograms programs, CancellationToken cancellationToken)
    {
        if (File is null || programs.Find("apt-get") is not { } aptGet)
        {
            return null;
        }

        var targets = await programs.ReadAsync(
            aptGet, ["indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"], cancellationToken).ConfigureAwait(false);
        return targets.Split('\n').Select(line => line.Split(' ', 2)).FirstOrDefault(words => words.Length == 2 && words[0] == Suite)?[1];
    }

    private static bool HasSource(string path) =>
        System.IO.File.Exists(path) && System.IO.File.ReadLines(path).Any(line =>
            line.StartsWith("deb ", StringComparison.Ordinal) || line.StartsWith("deb\t", StringComparison.Ordinal)
            || line.StartsWith("Types:", StringComparison.OrdinalIgnoreCase));

    private static string? ReadCodeName(string path) =>
        System.IO.File.Exists(path)
            ? System.IO.File.ReadLines(path).FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))?
                ["VERSION_CODENAME=".Length..].Trim('"') is { Length: > 0 } name ? name : null
            : null;
}
