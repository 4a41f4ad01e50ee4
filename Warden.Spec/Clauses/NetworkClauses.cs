using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Networks and files (§5).</summary>
internal static class NetworkClauses
{
    private const string Network = "§5";
    private const string Out = "§5 NetOut";
    private const string In = "§5 NetIn";
    private const string Copy = "§5 CopyIn / CopyOut";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("NET")
            .Must(1, Network, "By default a container does not reach another one: the connection is refused at once.", Create, Run)
            .Must(2, Network, "By default a container does not reach the host.", Create, Run)
            .Must(3, Network, "A container reaches itself, by its own address and by localhost.", Create, Run)
            .Must(4, Network, "allow_networks opens networks for every container.", OwnConfiguration, Create, Run)
            .Must(5, Network, "deny_networks closes networks before allow_networks opens any.", OwnConfiguration, Create, Run)
            .Must(6, Network, "allow_host_access opens the host.", OwnConfiguration, Create, Run)
            .Must(7, Network, "The host reaches every container.", LinuxKernel, Create)
            .Must(8, Network, "Traffic from a container to the outside is masqueraded.", LinuxKernel | Root, NetOut)
            .Must(9, Network, "Unprivileged ping works where ICMP is open.", NetOut, Run)
            .Must(10, Network, "mtu is the mtu of the container's interface.", OwnConfiguration | LinuxKernel, Create)
            .Must(11, Network, "A container listens at addresses of its own alone, and vcap at no port below 1024.", Run)
            .Must(12, Network, "Replies to established connections pass: datagrams that answer one that was let through reach its sender.", NetOut, Run)
            .Must(13, Network, "Datagrams reach the container that sends them, by localhost and by its own address.", Run)
            .Clauses,
        .. new ClauseTable("NETOUT")
            .Must(1, Out, "NetOut opens an address for TCP.", NetOut, Run)
            .Must(2, Out, "A port restricts what is opened to that port.", NetOut, Run)
            .Must(3, Out, "A port_range lo:hi opens those ports, both ends included, and wins over port.", NetOut, Run)
            .Must(4, Out, "The network may be an address, a CIDR or a first-last range.", NetOut, Run)
            .Must(5, Out, "The protocol is TCP if unset: UDP stays closed.", NetOut, Run)
            .Must(6, Out, "Protocol UDP opens UDP, and TCP stays closed.", NetOut, Run)
            .Must(7, Out, "Protocol ICMP opens ICMP.", NetOut, Run)
            .Must(8, Out, "Protocol ALL opens every protocol.", NetOut, Run)
            .Must(9, Out, "Neither network nor port nor range: \"Please specify network, port, and/or port_range.\".", NetOut)
            .Must(10, Out, "A range whose end is not above its start: \"Port range maximum must be greater than minimum\".", NetOut)
            .Must(11, Out, "ICMP without a network gets \"Please specify network, port, and/or port_range.\".", NetOut)
            .Must(12, Out, "A range that is none gets an Error.", NetOut)
            .Must(13, Out, "NetOut never opens the host's own addresses.", NetOut, Run)
            .Must(14, Out, "A rule holds for its container alone.", NetOut, Run)
            .Must(15, Out, "Rules last over restarts.", OwnConfiguration | Restart, NetOut, Run)
            .Must(16, Out, "Rules end with the container: the next one that gets the network has none of them.", OwnConfiguration, NetOut, Destroy)
            .Must(17, Out, "icmp_type and icmp_code restrict ICMP; -1 means all.", NetOut, Run)
            .Must(18, Out, "A rule with log is accepted, and opens as one without.", NetOut, Run)
            .Must(19, Out, "A mask may be dotted, as in 10.0.0.0/255.0.0.0.", NetOut, Run)
            .Must(20, Out, "The network may be a list with commas: each of its networks is opened, and one that is none opens none of them.", NetOut, Run)
            .Must(21, Out, "A port_range may be one port, or open at one end: \":80\", \"80:\".", NetOut, Run)
            .Must(22, Out, "A name as network is an Error that says what is taken.", NetOut)
            .Clauses,
        .. new ClauseTable("NETIN")
            .Must(1, In, "NetIn without ports takes one from the pool, the same on both sides.", NetIn)
            .Must(2, In, "NetIn with container_port alone maps a port of the pool to it.", NetIn)
            .Must(3, In, "NetIn with host_port alone maps it to the same port.", NetIn)
            .Must(4, In, "NetIn with both maps the one to the other.", NetIn)
            .Must(5, In, "No two containers get the same port of the pool.", NetIn)
            .Must(6, In, "A port is returned to the pool at Destroy.", OwnConfiguration, NetIn, Destroy)
            .Must(7, In, "A connection to host_port on the host's external address reaches container_port.", LinuxKernel | Root, NetIn)
            .Must(8, In, "NetIn does not redirect the container's own outgoing traffic to such a port elsewhere.", NetIn, NetOut, Run)
            .Must(9, In, "A port of the pool that a container holds is not handed out again after a restart.", OwnConfiguration | Restart, NetIn)
            .Must(10, In, "A host_port that another container has, or that leads elsewhere in this one, gets \"host port already in use: N\".", NetIn)
            .Must(11, In, "Asking again for the same pair of ports is answered as before.", NetIn)
            .Must(12, In, "A port that was asked for is not handed out by the pool meanwhile.", OwnConfiguration, NetIn)
            .Must(13, In, "After a restart a forwarded port is in use as before, and free once its container is destroyed.", OwnConfiguration | Restart, NetIn, Destroy)
            .Clauses,
        .. new ClauseTable("COPYIN")
            .Must(1, Copy, "A file is copied with its content and its permissions, and is vcap's.", CopyIn)
            .Must(2, Copy, "src copies the directory itself into the destination.", CopyIn)
            .Must(3, Copy, "src/ copies the directory's contents.", CopyIn)
            .Must(4, Copy, "Symbolic links are kept as links.", CopyIn)
            .Must(5, Copy, "Hard links become files of their own.", CopyIn)
            .Must(6, Copy, "Of the destination only the last component is created.", CopyIn)
            .Must(7, Copy, "A source that is not there is an Error.", CopyIn)
            .Must(8, Copy, "Where vcap may not write, CopyIn is an Error.", CopyIn)
            .Must(9, Copy, "FIFOs are passed over.", CopyIn)
            .Must(10, Copy, "Large and binary files arrive as they are.", CopyIn, CopyOut)
            .Must(11, Copy, "A symbolic link in the container does not lead CopyIn to the host.", CopyIn)
            .Must(12, Copy, "Times are not kept.", CopyIn)
            .Must(13, Copy, "A relative destination is relative to vcap's home.", CopyIn)
            .Must(14, Copy, "A directory that the destination names is created with the permissions 0755, with src/ with those of src.", CopyIn)
            .Must(15, Copy, "Set-user-id and set-group-id bits are not kept.", CopyIn)
            .Must(16, Copy, "A source path never leads through a link that an earlier CopyOut left on the host.", Root, CopyIn, CopyOut)
            .Clauses,
        .. new ClauseTable("COPYOUT")
            .Must(1, Copy, "A file is copied out with its content and its permissions.", CopyOut)
            .Must(2, Copy, "src copies the directory itself, src/ its contents.", CopyOut)
            .Must(3, Copy, "Symbolic links are kept as links, also those that lead out of the tree.", CopyOut)
            .Must(4, Copy, "A source that is not there is an Error.", CopyOut)
            .Must(5, Copy, "What vcap may not read is an Error.", CopyOut)
            .Must(6, Copy, "Without owner what is copied out is root's.", Root, CopyOut)
            .Must(7, Copy, "With owner USER or USER:GROUP it is theirs, recursively.", Root, CopyOut)
            .Must(8, Copy, "An unknown owner is an Error.", CopyOut)
            .Must(9, Copy, "A symbolic link in the container that is named as the source never reads the host's file.", CopyOut)
            .Must(10, Copy, "Of the destination only the last component is created.", CopyOut)
            .Must(11, Copy, "Hard links become files of their own, FIFOs are passed over.", CopyOut)
            .Must(12, Copy, "Below the destination that the request names a link is replaced, never followed.", CopyOut)
            .Must(13, Copy, "A destination never leads through a link that an earlier CopyOut left: it is replaced as the last component and an Error before.", CopyOut)
            .Must(14, Copy, "A link of the client's own in the destination is followed to a directory.", CopyOut)
            .Must(15, Copy, "Set-user-id and set-group-id bits are not kept.", CopyOut)
            .Must(16, Copy, "A relative source is relative to vcap's home.", CopyOut)
            .Must(17, Copy, "A destination that ends with a slash is created as a directory.", CopyOut)
            .Must(18, Copy, "Holes of a file stay holes.", LinuxKernel, CopyOut)
            .Must(19, Copy, "An owner whose number is 4294967295, or who has an empty user or group, is an Error.", CopyOut)
            .Clauses,
    ];
}
