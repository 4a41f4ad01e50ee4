using System.Net;

namespace Warden.Spec.Backend;

/// <summary>All that a backend needs to make, or to find again, one container.</summary>
public sealed record ContainerSpec
{
    /// <summary>The id: 11 characters of 0–9a–v, safe in paths and interface names.</summary>
    public required string Id { get; init; }

    /// <summary>The host's end of the container's /30 network.</summary>
    public required IPAddress HostAddress { get; init; }

    /// <summary>The container's end.</summary>
    public required IPAddress ContainerAddress { get; init; }

    /// <summary>The uid of the user vcap.</summary>
    public required uint UserId { get; init; }

    /// <summary>The root filesystem asked for by the request, or null for the configured one.</summary>
    public string? RootfsPath { get; init; }

    /// <summary>The bind mounts, in order.</summary>
    public IReadOnlyList<BindMountSpec> BindMounts { get; init; } = [];
}

/// <summary>A path of the host that appears in the container.</summary>
/// <param name="SourcePath">The path on the host.</param>
/// <param name="TargetPath">The path in the container.</param>
/// <param name="Writable">Whether the container may write to it.</param>
public sealed record BindMountSpec(string SourcePath, string TargetPath, bool Writable);
