using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Clients, V1 mode, REPL, one-shot form (§7), and the emulator as an executable and in process.</summary>
internal static class ClientClauses
{
    private const string Clients = "§7";
    private const string Version1 = "§7 V1 mode";
    private const string Interactive = "§7 REPL";
    private const string Single = "§7 One-shot";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("CLIENT")
            .Must(1, Clients, "The client calls every command over a Unix path.", Ping, Create, Run, Destroy)
            .Must(2, Clients, "The client calls over host:port.", OwnConfiguration, Ping)
            .Must(3, Clients, "Calls that are pipelined each get their own answer.", Ping, Echo)
            .Must(4, Clients, "Calls that are pending fail when the connection drops.", OwnConfiguration | Restart, Run)
            .Must(5, Clients, "The client tells when it is connected and disconnected.", OwnConfiguration | Restart, Ping)
            .Must(6, Clients, "The client reconnects after the server was restarted.", OwnConfiguration | Restart, Ping)
            .Must(7, Clients, "An Error of the server is thrown with its text.", Info)
            .Must(8, Clients, "A stream comes frame by frame.", StreamJob)
            .Must(9, Clients, "The client accepts an answer above the limit of requests.", OwnConfiguration, Run)
            .Must(10, Clients, "A call that is cancelled leaves the client usable.", Run, Ping)
            .Clauses,
        .. new ClauseTable("V1")
            .Must(1, Version1, "ping answers pong, echo its text, list the handles.", Ping, Echo, List)
            .Must(2, Version1, "create answers the handle, stop and destroy ok.", Create, Stop, Destroy)
            .Must(3, Version1, "spawn answers the job id; link and run [status, stdout, stderr].", Spawn, Link, Run)
            .Must(4, Version1, "net in answers a map of ports, net out ok.", NetIn, NetOut)
            .Must(5, Version1, "copy in and copy out answer ok.", CopyIn, CopyOut)
            .Must(6, Version1, "limit mem and disk answer bytes, limit bandwidth rate: R burst: B.", LimitMemory, LimitDisk, LimitBandwidth)
            .Must(7, Version1, "info answers a map.", Info)
            .Must(8, Version1, "create takes bind mounts and a grace time.", Create)
            .Must(9, Version1, "stream answers [name, data, status].", StreamJob)
            .Clauses,
        .. new ClauseTable("REPL")
            .Must(1, Interactive, "ping prints pong.", Ping)
            .Must(2, Interactive, "create prints the handle, and takes bind_mount:SRC,DST,ro and grace_time:N.", Create)
            .Must(3, Interactive, "run streams and prints what the job prints.", Run)
            .Must(4, Interactive, "link prints exit status, stdout and stderr.", Spawn, Link)
            .Must(5, Interactive, "Flags set fields by name, and the answer comes as field : value lines.", Create, Info)
            .Must(6, Interactive, "COMMAND --help tells of the fields.", Create)
            .Must(7, Interactive, "help lists every command.", Ping)
            .Must(8, Interactive, "list, info, stop and destroy work in the positional syntax.", List, Info, Stop, Destroy)
            .Must(9, Interactive, "An error of the server is printed, and the next command runs.", Info)
            .Must(10, Interactive, "Nested and repeated fields are set as --bind_mounts[0].src_path P, enums by name.", Create)
            .Clauses,
        .. new ClauseTable("SHOT")
            .Must(1, Single, "The exit status of a one-shot run is the job's.", Run)
            .Must(2, Single, "A one-shot command that fails says why on standard error and exits with another status than 0.", Info)
            .Must(3, Single, "--trace prints each command first after \"+ \".", Ping)
            .Must(4, Single, "A server that is not there is said so, with another status than 0.", Ping)
            .Must(5, Single, "A one-shot run passes on standard output and standard error apart.", Run)
            .Clauses,
        .. new ClauseTable("SERVE")
            .Must(1, Clients, "serve prints one line of JSON, alone on standard output, when it is ready.", OwnConfiguration | Executable)
            .Must(2, Clients, "The process id in the line is the server's.", OwnConfiguration | Executable)
            .Must(3, Clients, "--socket auto picks a fresh path for each.", OwnConfiguration | Executable)
            .Must(4, Clients, "A supervised machine ends when its standard input ends.", OwnConfiguration | Executable | Supervision)
            .Must(5, Clients, "exec runs a script in a container of its own, passes on output and status, and leaves nothing.", OwnConfiguration | Executable, Run)
            .Must(6, Clients, "exec --privileged runs it as root.", OwnConfiguration | Executable, Run)
            .Must(7, Clients, "--socket PATH serves at that path.", OwnConfiguration | Executable)
            .Must(8, Clients, "A wrong command line is refused with a hint and another status than 0.", OwnConfiguration | Executable)
            .Must(9, Clients, "Many servers (a hundred emulators, in one process or as processes) all serve at once, and none interferes.", OwnConfiguration, Create, Run)
            .Clauses,
        .. new ClauseTable("INPROC")
            .Must(2, Clients, "options.TimeProvider drives grace times.", InProcess, Create)
            .Must(3, Clients, "options.TimeProvider drives sleeps in scripts.", InProcess, Run)
            .Must(4, Clients, "Programs.Add adds a program of the test's own.", InProcess, Run)
            .Must(5, Clients, "FailNext makes one request fail, with the text that was given.", InProcess, Create)
            .Must(6, Clients, "warden.Client is a client of that server.", InProcess, Ping)
            .Must(7, Clients, "What is disposed leaves no socket behind.", InProcess, Ping)
            .Must(8, Clients, "options.TimeProvider drives the repeated signals of Stop.", InProcess, Stop)
            .Must(9, Clients, "A program of the test's own that is stopped writes nothing until it is continued.", InProcess, Run)
            .Must(10, Clients, "A process tells that it has ended whenever it is asked.", InProcess, Run)
            .Must(11, Clients, "Every ephemeral port is used before there is none.", InProcess, Run)
            .Must(12, Clients, "Datagrams that are not read are kept up to a bound, and dropped beyond it.", InProcess, Run)
            .Must(13, Clients, "A limit of bandwidth delays pings to others and none to the container itself.", InProcess, LimitBandwidth)
            .Must(14, Clients, "A file that is given to another owner counts against that one's quota from then on.", InProcess, LimitDisk)
            .Must(15, Clients, "The meters of a server end with it.", InProcess)
            .Must(16, Clients, "A program of the test's own makes process groups as setpgid(2) has it.", InProcess, Run)
            .Must(17, Clients, "A program of the test's own that gives way at every level may call itself thousands of times.", InProcess, Run)
            .Clauses,
    ];
}
