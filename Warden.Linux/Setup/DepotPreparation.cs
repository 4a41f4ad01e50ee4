using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>The depot of a new host: a directory where disk limits hold, if the host can be brought to it.</summary>
/// <param name="programs">The host's programs.</param>
/// <param name="disk">What is done to the depot.</param>
internal sealed class DepotPreparation(HostPrograms programs, IDepotDisk disk)
{
    private const long Gibibyte = 1L << 30;
    private const long SmallestImage = Gibibyte;
    private const long LargestDefaultImage = 64 * Gibibyte;

    /// <summary>Prepares the depot; one that is prepared stays as it is.</summary>
    /// <param name="path">The depot.</param>
    /// <param name="limitsWanted">Whether the configuration wants disk limits.</param>
    /// <param name="imageBytes">The size of an image, if one has to be made; null means half of what is free, and no more than 64 GiB.</param>
    /// <returns>What is there now, in a sentence.</returns>
    /// <exception cref="WardenException">The directory cannot be made.</exception>
    public string Ensure(string path, bool limitsWanted, long? imageBytes)
    {
        Directory.CreateDirectory(path);
        if (!limitsWanted)
        {
            return $"The depot is {path}; disk limits are switched off by quota.disk_quota_enabled.";
        }

        if (disk.FindLimits(path) is var (reason, by) && reason is null)
        {
            return $"The depot is {path}, and disk limits hold there, by {by}.";
        }

        if (Directory.EnumerateFileSystemEntries(path).Any())
        {
            return $"The depot is {path}. Disk limits will be refused: {reason}. An image with quotas is made of an empty depot only.";
        }

        if (programs.Find("mkfs.btrfs") is null)
        {
            return $"The depot is {path}. Disk limits will be refused: {reason}. For an image with quotas: apt-get install btrfs-progs, and run setup again.";
        }

        disk.MakeImage(path, imageBytes ?? DefaultSize(path));
        return disk.FindLimits(path).WhyNot is { } still
            ? $"The depot is {path}, an image of btrfs. Disk limits will be refused all the same: {still}."
            : $"The depot is {path}, an image of btrfs, and disk limits hold there.";
    }

    /// <summary>Reads a size such as 20G: a number of bytes, or of KiB, MiB, GiB, TiB with K, M, G, T.</summary>
    /// <exception cref="WardenException">It is none, or too small for the filesystem.</exception>
    public static long ParseSize(string text)
    {
        var unit = text.Length > 0 ? "KMGT".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) : -1;
        var digits = unit < 0 ? text : text[..^1];
        return long.TryParse(digits, System.Globalization.NumberStyles.None, null, out var number)
            && number <= long.MaxValue >> (10 * (unit + 1)) && number << (10 * (unit + 1)) >= SmallestImage
            ? number << (10 * (unit + 1))
            : throw new WardenException($"--depot-size: expected a size of at least 1G, such as 20G, found '{text}'");
    }

    private static long DefaultSize(string path) =>
        Math.Clamp(new DriveInfo(path).AvailableFreeSpace / 2, SmallestImage, LargestDefaultImage);
}

/// <summary>What setup asks of the depot's disk.</summary>
internal interface IDepotDisk
{
    /// <summary>Why disk limits do not hold in a depot, null when they do; and by what they do.</summary>
    (string? WhyNot, string By) FindLimits(string path);

    /// <summary>Makes an image file beside the depot and mounts it there.</summary>
    void MakeImage(string path, long bytes);
}
