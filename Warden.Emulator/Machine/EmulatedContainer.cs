using Warden.Emulator.FileSystem;
using Warden.Emulator.Network;
using Warden.Emulator.Programs;
using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

/// <summary>One emulated container: what its processes share.</summary>
public sealed partial class EmulatedContainer
{
    private int _devices = 20;
    private long _inodes = 1000;
    private long _pipes = 10000;

    /// <summary>Makes a container with its init and its file system.</summary>
    /// <exception cref="ErrnoException">A bind mount's destination cannot be made.</exception>
    internal EmulatedContainer(ContainerOptions options)
    {
        Id = options.Id;
        HostName = options.HostName;
        UserId = options.UserId;
        Clock = options.Clock;
        Network = options.Network;
        Programs = options.Image.Programs;
        Options = options;
        Started = Clock.GetUtcNow();
        Disk = new DiskAccount(UserId);
        var volume = new Volume(this, "overlay", "overlay", "/") { IsDisk = true };
        _volumes.Add(volume);
        Root = new TreeDirectory(volume, options.Image.Root);
        Init = new Process(this);
        _processes.Add(Init.Id, Init);
        foreach (var mount in options.BindMounts)
        {
            Bind(mount);
        }
    }

    /// <summary>The container's id.</summary>
    public string Id { get; }

    /// <summary>The host name that its processes see.</summary>
    public string HostName { get; set; }

    /// <summary>The uid of the user vcap.</summary>
    public uint UserId { get; }

    /// <summary>The machine's clock.</summary>
    public TimeProvider Clock { get; }

    /// <summary>The container's sockets, addresses and rules.</summary>
    public NetworkStack Network { get; }

    /// <summary>When the container was made.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Guards what the container's processes share: the process table, the tree, the accounts. Reentrant.</summary>
    internal object Gate { get; } = new();

    /// <summary>The programs that its files run.</summary>
    internal ProgramTable Programs { get; }

    /// <summary>What it was made from.</summary>
    internal ContainerOptions Options { get; }

    /// <summary>The root directory.</summary>
    internal TreeDirectory Root { get; }

    /// <summary>The account of its disk.</summary>
    internal DiskAccount Disk { get; }

    internal int NextDevice() => Interlocked.Increment(ref _devices);

    internal long NextInode() => Interlocked.Increment(ref _inodes);

    internal long NextPipe() => Interlocked.Increment(ref _pipes);
}

/// <summary>What a container is made from.</summary>
internal sealed record ContainerOptions
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The host name.</summary>
    public required string HostName { get; init; }

    /// <summary>The uid of vcap.</summary>
    public required uint UserId { get; init; }

    /// <summary>The container's address, for /etc/hosts.</summary>
    public required string Address { get; init; }

    /// <summary>The root image.</summary>
    public required RootImage Image { get; init; }

    /// <summary>Sockets and rules.</summary>
    public required NetworkStack Network { get; init; }

    /// <summary>The machine's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The content of /etc/resolv.conf, a byte string.</summary>
    public string ResolverConfiguration { get; init; } = "";

    /// <summary>The bind mounts, in order, whose targets are paths of the container as byte strings.</summary>
    public IReadOnlyList<BindMountSpec> BindMounts { get; init; } = [];
}
