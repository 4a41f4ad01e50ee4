using Warden.Linux.Cgroups;
using Warden.Spec.Backend;

namespace Warden.Linux.Doctor;

/// <summary>What the inspection asks others for.</summary>
internal sealed record InspectionOptions
{
    /// <summary>The host's users and ports.</summary>
    public required IHostFacts Facts { get; init; }

    /// <summary>What limits the disk of a depot that is there.</summary>
    public Func<string, DiskLimitsFinding> FindDiskLimits { get; init; } = DepotLimits.Find;

    /// <summary>The program that makes containers.</summary>
    public string HelperPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "warden-helper");

    /// <summary>How control groups are found.</summary>
    public CgroupOptions Cgroups { get; init; } = new();
}

/// <summary>What limits the disk of a depot.</summary>
/// <param name="Bytes">Whether bytes are limited.</param>
/// <param name="Inodes">Whether inodes are limited.</param>
/// <param name="WhyNot">Why bytes are not, and what mends it.</param>
/// <param name="By">What limits them.</param>
internal readonly record struct DiskLimitsFinding(bool Bytes, bool Inodes, string? WhyNot, string? By = null);
