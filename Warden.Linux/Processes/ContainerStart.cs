using System.Net;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>What a container is started with: START of native/protocol.h. Paths are absolute.</summary>
internal sealed record ContainerStart
{
    /// <summary>The id; also the host name.</summary>
    public required string Id { get; init; }

    /// <summary>The container's directory.</summary>
    public required string Path { get; init; }

    /// <summary>The monitor's directory in it, of mode 0700; exists.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>The root filesystem that the union is over.</summary>
    public required string Lower { get; init; }

    /// <summary>The union's upper directory; exists.</summary>
    public required string Upper { get; init; }

    /// <summary>The union's work directory; exists.</summary>
    public required string Work { get; init; }

    /// <summary>The user of <see cref="Lower"/> whose files are shown as vcap's; null for none.</summary>
    public uint? LowerUserId { get; init; }

    /// <summary>The uid and gid of vcap.</summary>
    public required uint UserId { get; init; }

    /// <summary>The name of the container's network interface.</summary>
    public required string Interface { get; init; }

    /// <summary>The interface's address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The host's end.</summary>
    public required IPAddress Gateway { get; init; }

    /// <summary>The network's prefix length.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The interface's largest packet in bytes.</summary>
    public required int Mtu { get; init; }

    /// <summary>What is written to the console goes to this file.</summary>
    public required string ConsoleLog { get; init; }

    /// <summary>Bytes after which <see cref="ConsoleLog"/> is rotated.</summary>
    public required long ConsoleMaxBytes { get; init; }

    /// <summary>The directory of the operator's executables; null for none.</summary>
    public string? Hooks { get; init; }

    /// <summary>Whether unprivileged jobs gain no privileges by exec.</summary>
    public required bool NoNewPrivileges { get; init; }

    /// <summary>Whether the container may run Warden itself.</summary>
    public required bool AllowNestedWarden { get; init; }

    /// <summary>The size of /dev/shm in bytes; null for the kernel's default.</summary>
    public long? SharedMemoryBytes { get; init; }

    /// <summary>Whether programs of i386 make sockets by socketcall(2).</summary>
    public bool AllowI386Sockets { get; init; }

    /// <summary>The files <c>tasks</c> of the control groups of version 1 that the first process enters by itself.</summary>
    public IReadOnlyList<string> CgroupTasks { get; init; } = [];

    /// <summary>The directory of the control group of version 2 that it is cloned into; null for none.</summary>
    public string? UnifiedCgroup { get; init; }

    /// <summary>The bind mounts, in order.</summary>
    public required IReadOnlyList<BindMountSpec> BindMounts { get; init; }

    /// <summary>The datagram socket that tagged lines go to; null means /dev/log.</summary>
    public string? SyslogSocket { get; init; }
}
