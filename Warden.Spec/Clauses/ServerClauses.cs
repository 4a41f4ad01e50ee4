using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>The server: configuration, health check, pidfile, drain, snapshot, recovery (§6).</summary>
internal static class ServerClauses
{
    private const string Server = "§6";
    private const string Draining = "§6 Drain";
    private const string Snapshots = "§6 Snapshot";
    private const string Recovery = "§6 Recovery";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("CONFIG")
            .Must(1, Server, "The configuration files that were shipped in 2012 and 2016 load.", OwnConfiguration)
            .Must(2, Server, "A wrong type is refused at start with its path in the file, the line, and what was expected.", OwnConfiguration)
            .Must(3, Server, "An unknown key is warned about with its path and line, and the server starts.", OwnConfiguration)
            .Must(4, Server, "pool_start_address and pool_size beat pool_network.", OwnConfiguration, Create)
            .Must(5, Server, "pool_size is a count of /30s, rounded up to a power of two.", OwnConfiguration, Create)
            .Must(6, Server, "Another container_klass is warned about and accepted.", OwnConfiguration)
            .Must(7, Server, "unix_domain_permissions with a leading 0 is octal.", OwnConfiguration)
            .Must(8, Server, "An empty file means the defaults.", OwnConfiguration)
            .Must(9, Server, "A file that is no YAML is refused, with the line.", OwnConfiguration)
            .Must(10, Server, "Names in container_limits_conf that are no rlimit are warned about.", OwnConfiguration)
            .Must(11, Server, "A value out of range is refused with its path.", OwnConfiguration)
            .Must(12, Server, "logging.file is logged to, by logging.level.", OwnConfiguration)
            .Must(13, Server, "At the level all a request is logged by its handle and the fields that it has; no script, no message of Echo is.", OwnConfiguration, Run, Echo)
            .Must(14, Server, "A number or a truth value in quotes is a string, without them it is none.", OwnConfiguration)
            .Must(16, Server, "In container_rlimits and container_limits_conf -1 means unlimited.", OwnConfiguration, Run)
            .Must(17, Server, "A dns_servers entry that is no address is kept, with a warning.", OwnConfiguration, Run)
            .Must(15, Server, "Anchors, aliases and merge keys of YAML 1.1 stand for what they name.", OwnConfiguration, Create)
            .Clauses,
        .. new ClauseTable("HEALTH")
            .Must(1, Server, "The health check answers a request on 127.0.0.1 with HTTP/1.1 200 OK, no body, and closes.", OwnConfiguration)
            .Must(2, Server, "The health check ends with the server.", OwnConfiguration | Restart)
            .Clauses,
        .. new ClauseTable("PIDFILE")
            .Must(1, Server, "The pidfile holds the server's process id while it runs.", OwnConfiguration)
            .Must(2, Server, "The pidfile is removed at exit.", OwnConfiguration | Restart)
            .Must(3, Server, "A living process id in the pidfile refuses the start.", OwnConfiguration)
            .Must(4, Server, "A dead process id in the pidfile is replaced.", OwnConfiguration)
            .Must(5, Server, "A stale socket is replaced.", OwnConfiguration | Executable)
            .Must(6, Server, "A live socket refuses the start.", OwnConfiguration | Executable)
            .Clauses,
        .. new ClauseTable("DRAIN")
            .Must(1, Draining, "A draining server accepts no more.", OwnConfiguration | Restart)
            .Must(2, Draining, "Idle connections are closed.", OwnConfiguration | Restart)
            .Must(3, Draining, "Connections that wait in Link, Run or Stream are closed.", OwnConfiguration | Restart, Link, Run, StreamJob)
            .Must(4, Draining, "Every other request in work finishes and is answered.", OwnConfiguration | Restart, Stop)
            .Must(5, Draining, "Containers and jobs stay.", OwnConfiguration | Restart, Spawn)
            .Must(6, Draining, "SIGUSR2 drains and exits with 0.", OwnConfiguration | Executable)
            .Must(7, Draining, "SIGTERM drains and exits with 0.", OwnConfiguration | Executable)
            .Must(8, Draining, "SIGINT drains and exits with 0.", OwnConfiguration | Executable)
            .Must(9, Draining, "The socket is gone after a drain.", OwnConfiguration | Restart)
            .Must(10, Draining, "A request in work finishes also when it takes seconds.", OwnConfiguration | Restart, Stop)
            .Clauses,
        .. new ClauseTable("SNAPSHOT")
            .Must(1, Snapshots, "snapshot.json lies in container_path and has the fields of the reference.", OwnConfiguration | LinuxKernel, Create)
            .Must(2, Snapshots, "A change of state is in the snapshot before it is answered: a crash right after the answer loses nothing.", OwnConfiguration | Restart,
                Create, Stop, Destroy, Spawn, NetIn, NetOut, LimitMemory, LimitDisk, LimitBandwidth, LimitCpu)
            .Clauses,
        .. new ClauseTable("RECOVER")
            .Must(1, Recovery, "A container keeps handle, addresses, path and state over a restart.", OwnConfiguration | Restart, Info)
            .Must(2, Recovery, "A container keeps its files and processes over a restart.", OwnConfiguration | Restart, Run)
            .Must(3, Recovery, "A container keeps its events over a restart.", OwnConfiguration | Restart, Info)
            .Must(4, Recovery, "A stopped container is stopped after a restart.", OwnConfiguration | Restart, Stop)
            .Must(5, Recovery, "Network and uid of a recovered container are not handed out again.", OwnConfiguration | Restart, Create)
            .Must(6, Recovery, "What is no container's in the depot is left alone.", OwnConfiguration | Restart | LinuxKernel)
            .Must(7, Recovery, "A snapshot of a newer version refuses the start.", OwnConfiguration | Restart | LinuxKernel)
            .Must(8, Recovery, "A recovered container can be used as any other, and destroyed.", OwnConfiguration | Restart, Run, Destroy)
            .Must(9, Recovery, "A server that is restarted many times loses nothing.", OwnConfiguration | Restart, List)
            .Must(10, Recovery, "A taken handle is taken after a restart too.", OwnConfiguration | Restart, Create)
            .Must(11, Recovery, "A stop that was in work at a crash has stopped the container.", OwnConfiguration | Restart, Stop)
            .Clauses,
    ];
}
