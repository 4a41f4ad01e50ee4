namespace Warden.Linux.Cgroups;

/// <summary>How a server keeps its containers' control groups.</summary>
internal sealed record CgroupOptions
{
    /// <summary>The name of the group, beneath the server's own, that holds the containers'.</summary>
    public string ParentName { get; init; } = "warden";

    /// <summary>Whether a container may make containers, for which it needs every device.</summary>
    public bool AllowNestedWarden { get; init; }

    /// <summary>The most processes and threads of a container; 0 means no limit.</summary>
    public int ProcessLimit { get; init; }

    /// <summary>The most processes and threads of all containers together; 0 means no limit.</summary>
    public int TotalProcessLimit { get; init; }

    /// <summary>Where proc is mounted.</summary>
    public string ProcPath { get; init; } = "/proc";

    /// <summary>How long processes that were killed may take to be gone; only what hangs in the kernel needs that much.</summary>
    public TimeSpan EndWithin { get; init; } = TimeSpan.FromSeconds(10);
}
