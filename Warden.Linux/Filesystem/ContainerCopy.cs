using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Copies between the host and a container (protocol.md §5). In the container everything is done with the rights of its unprivileged
/// user; on the host with the server's. A container whose init has ended meanwhile is not written to any more.
/// </summary>
internal static class ContainerCopy
{
    /// <summary>Copies a file or a tree of the host into a container.</summary>
    /// <param name="openRoot">Opens the container's root.</param>
    /// <param name="userId">The uid and gid of the container's user, who owns what arrives.</param>
    /// <param name="source">The path on the host.</param>
    /// <param name="destination">The path in the container.</param>
    /// <param name="cancellationToken">Ends the copy between two blocks.</param>
    /// <exception cref="WardenException">A path is missing, or may not be read or written.</exception>
    public static ValueTask InAsync(Func<ContainerRoot> openRoot, uint userId, string source, string destination, CancellationToken cancellationToken) =>
        new(CopyThread.RunAsync(userId, thread =>
        {
            try
            {
                using var root = openRoot();
                using var copy = new CopyIn(thread, root, cancellationToken);
                copy.Run(source, destination);
            }
            catch (LinuxException e)
            {
                throw new WardenException($"Cannot copy {source} to {destination} in the container: {LinuxException.Describe(e.Errno)}", e);
            }
        }));

    /// <summary>Copies a file or a tree of a container to the host.</summary>
    /// <param name="openRoot">Opens the container's root.</param>
    /// <param name="userId">The uid and gid of the container's user.</param>
    /// <param name="source">The path in the container.</param>
    /// <param name="destination">The path on the host.</param>
    /// <param name="owner">USER or USER:GROUP of the host who is to own the copy; null for root.</param>
    /// <param name="cancellationToken">Ends the copy between two blocks.</param>
    /// <exception cref="WardenException">A path is missing, or may not be read or written, or the owner is unknown.</exception>
    public static ValueTask OutAsync(
        Func<ContainerRoot> openRoot, uint userId, string source, string destination, string? owner, CancellationToken cancellationToken)
    {
        var hostOwner = owner is null ? HostOwner.Root : HostOwner.Parse(owner);
        return new(CopyThread.RunAsync(userId, thread =>
        {
            try
            {
                using var root = openRoot();
                using var copy = new CopyOut(thread, root, hostOwner, cancellationToken);
                copy.Run(source, destination);
            }
            catch (HostSideException e)
            {
                throw new WardenException($"Cannot copy {source} to {destination} on the host: {LinuxException.Describe(e.Errno)}", e);
            }
            catch (LinuxException e)
            {
                throw new WardenException($"Cannot copy {source} from the container: {LinuxException.Describe(e.Errno)}", e);
            }
        }));
    }
}
