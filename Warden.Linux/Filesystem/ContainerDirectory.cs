namespace Warden.Linux.Filesystem;

/// <summary>A container's directory on the host.</summary>
/// <param name="path">Its path, the depot's and the id.</param>
internal sealed class ContainerDirectory(string path)
{
    /// <summary>The directory itself: the protocol's container_path.</summary>
    public string Path => path;

    /// <summary>What the monitor keeps; root's alone.</summary>
    public string Run => $"{path}/run";

    /// <summary>What the container has written: the union's upper directory.</summary>
    public string Upper => $"{path}/tmp/rootfs";

    /// <summary>The directory that the union works in; of the same file system as <see cref="Upper"/>.</summary>
    public string Work => $"{path}/tmp/work";

    /// <summary>What was written to the container's console.</summary>
    public string ConsoleLog => $"{path}/console.log";
}
