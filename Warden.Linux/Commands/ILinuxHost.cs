using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>What the commands need of the machine that they run on.</summary>
internal interface ILinuxHost
{
    /// <summary>
    /// The first thing that keeps a server from starting, in one sentence that names it and the mend: a privilege, a feature of the kernel,
    /// a path or a program. Null when nothing does.
    /// </summary>
    string? FindObstacle(WardenConfiguration configuration);

    /// <summary>Makes what makes containers; where it is disposable, it is disposed when its server has ended.</summary>
    IBackend MakeBackend();

    /// <summary>Removes from the host what a server keeps beside its containers: rules, their tables, the cgroups' parent.</summary>
    ValueTask RemoveTracesAsync(BackendSettings settings, CancellationToken cancellationToken);

    /// <summary>Unmounts the depot where its image is mounted, and removes the image.</summary>
    void RemoveDepotImage(string depotPath);
}
