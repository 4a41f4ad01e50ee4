using System.Net;

namespace Warden.Linux.Filesystem;

/// <summary>What a container's files in /etc say.</summary>
internal sealed record EtcContent
{
    /// <summary>The host name: the container's id.</summary>
    public required string HostName { get; init; }

    /// <summary>The container's own address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The uid, and the gid, of the user vcap.</summary>
    public required uint UserId { get; init; }

    /// <summary>The text of resolv.conf.</summary>
    public required string ResolvConf { get; init; }
}
