using Warden.Linux.Doctor;
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

    /// <summary>What the host has of what containers need, and what it lacks.</summary>
    HostReport Inspect(WardenConfiguration configuration);

    /// <summary>Makes what makes containers; where it is disposable, it is disposed when its server has ended.</summary>
    IBackend MakeBackend();

    /// <summary>Whether the host forwards packets (net.ipv4.ip_forward), as it does from a server's start on.</summary>
    bool ForwardsPackets { get; }

    /// <summary>Ends the forwarding, unless there is a container on the host that may need it.</summary>
    void StopForwarding();

    /// <summary>Removes what a server keeps on the host beside its containers, which are gone: its table of rules, and the control groups' parents.</summary>
    ValueTask RemoveTracesAsync(BackendSettings settings, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what no depot accounts for, if no container is left on the host whose it could be: tables of rules and interfaces of ours.
    /// </summary>
    /// <returns>The containers of other depots, for whose sake it was left.</returns>
    ValueTask<IReadOnlyCollection<string>> RemoveStraysAsync(CancellationToken cancellationToken);

    /// <summary>Takes down the mount that keeps the host's users from set-user-id programs and devices of containers, which are gone.</summary>
    void LowerDepotShield(string depotPath);

    /// <summary>Unmounts the depot where its image is mounted, and removes the image.</summary>
    void RemoveDepotImage(string depotPath);
}
