using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>The host's control groups: where containers get theirs. Found once, at the server's start.</summary>
internal interface ICgroupHost
{
    /// <summary>Which hierarchies are used, in a phrase for the log.</summary>
    string Description { get; }

    /// <summary>Whether the kernel accounts swap, so that a limit of memory covers both.</summary>
    bool AccountsSwap { get; }

    /// <summary>Makes a container's groups, empty and with its devices. When it fails nothing is left of them.</summary>
    /// <exception cref="LinuxException">The kernel refused a step.</exception>
    IContainerCgroup Create(string id);

    /// <summary>The groups of a container that this or an earlier server made; null when they are not there or not all there.</summary>
    IContainerCgroup? Open(string id);

    /// <summary>Ends what still runs in a container's groups and removes them. What is not there is no error.</summary>
    /// <exception cref="WardenException">A process withstood.</exception>
    /// <exception cref="LinuxException">The kernel refused a step.</exception>
    void Remove(string id);

    /// <summary>The ids that have groups here, also below a parent that a server in another group made.</summary>
    IReadOnlyCollection<string> List();

    /// <summary>Removes the groups that hold the containers' where they are empty: the last trace of a server.</summary>
    void RemoveParents();
}
