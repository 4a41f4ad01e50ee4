using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Containers: states, identity, resources, what is inside (§3).</summary>
internal static class ContainerClauses
{
    private const string States = "§3 States";
    private const string Identity = "§3 Identity";
    private const string Resources = "§3 Resources";
    private const string Inside = "§3 Inside";
    private const string Path = "§3 container_path";
    private const string Binds = "§3 bind_mounts";
    private const string Rootfs = "§3 rootfs";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("STATE")
            .Must(1, States, "A created container is active.", Create, Info)
            .Must(2, States, "A stopped container is stopped.", Stop, Info)
            .Must(3, States, "Spawn, Run, NetIn, NetOut and CopyIn are refused in a stopped container with \"Container state must be one of 'active', current state is 'stopped'\".",
                Spawn, Run, NetIn, NetOut, CopyIn)
            .Must(4, States, "CopyOut, Info, Stop and the limits are answered for a stopped container.",
                CopyOut, Info, Stop, LimitMemory, LimitDisk, LimitBandwidth, LimitCpu)
            .Must(5, States, "Link and Stream are answered in any state: the job decides.", Link, StreamJob)
            .Must(6, States, "Link and Stream of a job that never was say \"no such job\".", Link, StreamJob)
            .Must(7, States, "Destroy is answered in any state.", Destroy)
            .Must(8, States, "While a container is born its handle is taken and it is not listed.", Create, List)
            .Clauses,
        .. new ClauseTable("CREATE")
            .Must(1, Identity, "Create without a handle answers with the container's id: 11 characters of 0–9a–v.", Create)
            .Must(2, Identity, "Create with a handle answers with that handle.", Create)
            .Must(3, Identity, "A taken handle is refused: \"container with handle: H already exists.\".", Create)
            .Must(4, Identity, "Any UTF-8 handle is legal: non-ASCII, blanks, slashes, dots, quotes, a shell's signs, the empty one.", Create)
            .Must(5, Identity, "Nothing on disk is named after the handle.", Create, Info)
            .Must(6, Identity, "Ids are made from a microsecond clock and counted up: a later one is greater, none repeats.", Create)
            .Must(7, Identity, "An unknown handle gets \"unknown handle\" from every command that has one.", Stop, Destroy, Info, Spawn, Run, Link,
                StreamJob, NetIn, NetOut, CopyIn, CopyOut, LimitMemory, LimitDisk, LimitBandwidth, LimitCpu)
            .Must(8, Identity, "A handle is free again after Destroy.", Create, Destroy)
            .Must(9, Identity, "Of many that create one handle at once exactly one gets it.", Create)
            .Must(10, Resources, "A failed Create leaves no container, no handle taken and no resource held.", OwnConfiguration, Create)
            .Clauses,
        .. new ClauseTable("POOL")
            .Must(1, Resources, "A container has a /30 network: host_ip is network+1, container_ip network+2.", Create, Info)
            .Must(2, Resources, "Networks come from the pool, first in first out.", OwnConfiguration, Create, Info)
            .Must(3, Resources, "Create's network asks for the /30 that an address lies in.", OwnConfiguration, Create)
            .Must(4, Resources, "A network that is not free or not in the pool gets \"Could not acquire network: A.B.C.D\", naming the /30's first address.",
                Create)
            .Must(5, Resources, "An empty pool of networks gets \"Could not acquire network\".", OwnConfiguration, Create)
            .Must(6, Resources, "An empty pool of uids gets \"no uid available\".", OwnConfiguration, Create)
            .Must(7, Resources, "An empty pool of ports gets \"no port available\".", OwnConfiguration, NetIn)
            .Must(8, Resources, "A released network rests release_delay seconds before it is handed out again.", OwnConfiguration, Create, Destroy)
            .Must(9, Resources, "Each container has a uid of its own for vcap, counted up from pool_start_uid.", OwnConfiguration, Create, Run)
            .Must(10, Resources, "Ports come from the pool on demand, counted up from pool_start_port.", OwnConfiguration, NetIn)
            .Must(11, Resources, "A pool of fewer than 1000 ports is refused at start-up.", OwnConfiguration)
            .Must(12, Resources, "Uids that overlap the host's /etc/passwd are refused at start-up.", OwnConfiguration)
            .Must(13, Resources, "Destroy returns network, uid and ports to their pools.", OwnConfiguration, Destroy)
            .Must(14, Resources, "A pool of ports reaches up to 65535, by default up to 65000, and one that would reach further is refused.", OwnConfiguration, NetIn)
            .Must(15, Resources, "A Create that finds a pool empty waits for removals under way before it fails.", OwnConfiguration, Create, Destroy)
            .Must(16, Resources, "Without a configuration file 64 containers made and destroyed one after the other exhaust no pool of the emulator.", Executable | Supervision, Create, Destroy)
            .Clauses,
        .. new ClauseTable("INSIDE")
            .Must(1, Inside, "The host name is the container's id.", Create, Run)
            .Must(2, Inside, "/etc/hosts has 127.0.0.1 localhost, and the container's address with its id.", Create, Run)
            .Must(3, Inside, "resolv.conf names the configured dns_servers.", OwnConfiguration, Create, Run)
            .Must(4, Inside, "What is written to /dev/console appears in console.log of container_path.", LinuxKernel, Run)
            .Must(5, Inside, "Containers see nothing of each other's files and processes.", Create, Run)
            .Must(6, Inside, "Without dns_servers resolv.conf is a copy of the host's, or names host_ip where the host's names only 127.0.0.1.", OwnConfiguration | LinuxKernel, Create)
            .Must(7, Path, "container_path ends with the container's id.", Info)
            .Must(8, Path, "container_path/tmp/rootfs shows on the host, live, what the container has written.", LinuxKernel, Run)
            .Must(9, Path, "container_path is the depot's path and the id.", OwnConfiguration, Info)
            .Must(10, Inside, "Names resolve by the container's /etc/hosts; one that stands nowhere is not found.", Run)
            .Must(11, Inside, "vcap is an ordinary user: it gives no file away and changes nothing that is not its own; root does.", Run)
            .Clauses,
        .. new ClauseTable("FILE")
            .Must(1, Inside, "Files are opened, made and cut as open(2) has it, and what stands in the way is named.", Run)
            .Must(2, Inside, "A write, a cut, a new name and a removed one set the time of change; a mode does not.", Run)
            .Must(3, Inside, "Names are linked, moved and removed as link(2), rename(2) and unlink(2) have it, and what stands in the way is named.", Run)
            .Must(4, Inside, "A descriptor keeps its place, its access and its file, also when the name is gone, and there are no more than nofile.", Run)
            .Must(5, Inside, "null, zero, full and urandom are devices, and FIFOs and pipes carry what is written to them.", Run)
            .Must(6, Inside, "What is executable runs, by its interpreter where it names one; what is not is refused.", Run)
            .Must(7, Inside, "Modes, owners, sticky and set-group-id directories and the umask rule what vcap may do.", Run)
            .Clauses,
        .. new ClauseTable("PROCESS")
            .Must(1, Inside, "Signals are sent, caught, ignored and inherited, and ends are waited for, as signal(7) and wait(2) have it.", Run)
            .Must(2, Inside, "A stopped process goes on when it is continued; what would end it waits until then, KILL does not.", Run)
            .Must(3, Inside, "A function of a script calls itself thousands of times.", Run)
            .Must(4, Inside, "Init adopts the processes whose parents have ended.", Run)
            .Must(5, Inside, "Init cannot be killed or stopped from inside, by root neither.", Run)
            .Must(6, Inside, "/proc tells of a process what proc(5) has it tell.", Run)
            .Must(7, Inside, "/proc/mounts lists the root, /proc and /dev/shm.", Run)
            .Clauses,
        .. new ClauseTable("CONFINE")
            .Must(1, Inside, "A device node that a container's root makes opens nothing of the host: no console, no memory, no disk.", LinuxKernel, Run)
            .Must(2, Inside, "null, zero, full, urandom, tty and terminals of its own work in a container.", LinuxKernel, Run)
            .Must(3, "§3 container_path", "A set-user-id file or a device that a container's root made gives a user of the host nothing.", LinuxKernel | Root, Run)
            .Must(4, Inside, "/dev/shm is no larger than the limit of memory and the configured bound, and at least 64 MiB.", OwnConfiguration | LinuxKernel, LimitMemory)
            .Must(5, Binds, "An empty destination of a bind mount is an Error that says so.", LinuxKernel, Create)
            .Clauses,
        .. new ClauseTable("BIND")
            .Must(1, Binds, "A bind mount shows the host's directory at its destination, which is created.", Create, Run)
            .Must(2, Binds, "What a container writes to a RW mount is on the host.", Create, Run)
            .Must(3, Binds, "A RO mount is read-only, for root too.", Create, Run)
            .Must(4, Binds, "A source that does not exist gets \"Source path for bind mount does not exist: P\".", Create)
            .Must(5, Binds, "Bind mounts are made in order: a later one lies over an earlier one.", Create, Run)
            .Must(6, Binds, "Mounts do not show in the host's mount table.", LinuxKernel | Root, Create)
            .Must(7, Binds, "A file can be bound as well as a directory.", Create, Run)
            .Must(8, Binds, "Destroy leaves the bound directory and its content on the host.", Destroy)
            .Must(9, Binds, "Files and directories of a RW mount are overwritten, shortened, renamed and removed on the host.", Create, Run)
            .Clauses,
        .. new ClauseTable("ROOTFS")
            .Must(1, Rootfs, "A rootfs that does not exist gets \"rootfs P not found\".", Create)
            .Must(2, Rootfs, "A rootfs of the request overrides the configured one.", LinuxKernel | Root, Create, Run)
            .Must(3, Rootfs, "A link to a directory is a rootfs.", LinuxKernel | Root, Create, Run)
            .Clauses,
    ];
}
