using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Spec;

namespace Warden.Linux.Filesystem;

/// <summary>The file tree of a container as its processes see it, mounts included. No path and no link leads out of it.</summary>
internal sealed class ContainerRoot : IDisposable
{
    private const ulong Beneath = FileCalls.ResolveInRoot | FileCalls.ResolveNoMagicLinks;

    private readonly SafeFileHandle _root;
    private readonly ProcessLife _init;

    private ContainerRoot(SafeFileHandle root, ProcessLife init)
    {
        _root = root;
        _init = init;
    }

    /// <summary>Opens the root of a container's init.</summary>
    /// <param name="initProcess">Its process id.</param>
    /// <param name="isAlive">
    /// Whether the container's init is alive. Asked last: the number of one that has ended may be another process's, whose root is the host's.
    /// </param>
    /// <exception cref="WardenException">It is not.</exception>
    public static ContainerRoot Open(int initProcess, Func<bool> isAlive)
    {
        if (!isAlive())
        {
            throw Ended();
        }

        var init = new ProcessLife(initProcess);
        var errno = FileAt.OpenHost($"/proc/{initProcess}/root", OpenFlag.Path | OpenFlag.Directory, out var root);
        if (errno != 0)
        {
            root.Dispose();
            init.Dispose();
            FileAt.Check(errno, "open the root of the container's init", $"{initProcess}");
        }

        if (!isAlive())
        {
            root.Dispose();
            init.Dispose();
            throw Ended();
        }

        return new ContainerRoot(root, init);
    }

    /// <summary>Opens a path. A relative one begins at the root.</summary>
    public int Open(FileName path, int flags, out SafeFileHandle handle) => FileAt.OpenResolved(_root, path, flags, Beneath, out handle);

    /// <summary>A path of a request in full: a relative one is relative to the home of the container's user.</summary>
    public static string FromHome(string path) => path.StartsWith('/') ? path : $"{Accounts.Home}/{path}";

    /// <summary>Ends a copy whose container is gone: its directory is being removed.</summary>
    /// <exception cref="WardenException">Init has ended.</exception>
    public void ThrowIfGone()
    {
        if (_init.HasEnded)
        {
            throw new WardenException("The container was destroyed during the copy");
        }
    }

    private static WardenException Ended() => new("The container's init has ended");

    public void Dispose()
    {
        _root.Dispose();
        _init.Dispose();
    }
}
