using Google.Protobuf;
using Warden.Spec.Commands.Handlers;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands;

/// <summary>Every command of the protocol (protocol.md §2), in the order of their numbers.</summary>
public static class CommandCatalogue
{
    private static readonly CommandRow[] AllRows = MakeRows();
    private static readonly CommandRow?[] ByNumber = IndexByNumber();
    private static readonly Dictionary<string, CommandRow> ByName = AllRows.ToDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>The rows.</summary>
    public static IReadOnlyList<CommandRow> Rows => AllRows;

    /// <summary>The command of a type number; null when there is none.</summary>
    /// <param name="typeNumber">The number on the wire.</param>
    public static CommandRow? Find(int typeNumber) => (uint)typeNumber < (uint)ByNumber.Length ? ByNumber[typeNumber] : null;

    /// <summary>The command of a name; null when there is none.</summary>
    /// <param name="name">The name, such as "net_in".</param>
    public static CommandRow? Find(string name) => ByName.GetValueOrDefault(name);

    private static CommandRow?[] IndexByNumber()
    {
        var index = new CommandRow?[AllRows.Max(row => (int)row.Type) + 1];
        foreach (var row in AllRows)
        {
            index[(int)row.Type] = row;
        }

        return index;
    }

    private static CommandRow Row<TRequest, TResponse>(
        Message.Types.Type type, string name, string summary, CommandHandler<TRequest> handler,
        CommandScope scope = CommandScope.Container, AllowedStates states = AllowedStates.Any, SnapshotPolicy snapshot = SnapshotPolicy.None,
        ReplyShape reply = ReplyShape.One, DrainPolicy drain = DrainPolicy.Finish, params string[] secretFields)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new()
        {
            Type = type,
            Name = name,
            Summary = summary,
            RequestParser = new MessageParser<TRequest>(static () => new TRequest()),
            ResponseParser = new MessageParser<TResponse>(static () => new TResponse()),
            Request = new TRequest().Descriptor,
            Response = new TResponse().Descriptor,
            Scope = scope,
            AllowedStates = states,
            Snapshot = snapshot,
            Reply = reply,
            Drain = drain,
            SecretFields = secretFields,
            Handler = handler,
        };

    private static CommandRow[] MakeRows() =>
    [
        Row<CreateRequest, CreateResponse>(
            Message.Types.Type.Create, "create", "Makes a container and answers with its handle.",
            new CreateHandler(), CommandScope.Server, snapshot: SnapshotPolicy.ByHandler),
        Row<StopRequest, StopResponse>(
            Message.Types.Type.Stop, "stop", "Ends every process of a container except its init: TERM, then KILL.",
            new StopHandler(), states: AllowedStates.ActiveOrStopped, snapshot: SnapshotPolicy.ByHandler),
        Row<DestroyRequest, DestroyResponse>(
            Message.Types.Type.Destroy, "destroy", "Stops a container, releases what it holds and removes it from the host.",
            new DestroyHandler()),
        Row<InfoRequest, InfoResponse>(
            Message.Types.Type.Info, "info", "Describes a container: its state, events, addresses, running jobs and what it uses.",
            new InfoHandler(), states: AllowedStates.ActiveOrStopped),
        Row<SpawnRequest, SpawnResponse>(
            Message.Types.Type.Spawn, "spawn", "Starts a script in a container and answers with the job's id.",
            new SpawnHandler(), states: AllowedStates.Active, snapshot: SnapshotPolicy.ByHandler, secretFields: ["script"]),
        Row<LinkRequest, LinkResponse>(
            Message.Types.Type.Link, "link", "Waits for a job's end and takes its status and output.",
            new LinkHandler(), snapshot: SnapshotPolicy.ByHandler, drain: DrainPolicy.Close),
        Row<RunRequest, RunResponse>(
            Message.Types.Type.Run, "run", "Runs a script in a container and answers with its status and output.",
            new RunHandler(), states: AllowedStates.Active, snapshot: SnapshotPolicy.ByHandler, drain: DrainPolicy.Close, secretFields: ["script"]),
        Row<StreamRequest, StreamResponse>(
            Message.Types.Type.Stream, "stream", "Prints what a job has printed and follows it to its end.",
            new StreamHandler(), snapshot: SnapshotPolicy.ByHandler, reply: ReplyShape.Stream, drain: DrainPolicy.Close),
        Row<NetInRequest, NetInResponse>(
            Message.Types.Type.NetIn, "net_in", "Forwards a port of the host to a container.",
            new NetInHandler(), states: AllowedStates.Active, snapshot: SnapshotPolicy.BeforeReply),
        Row<NetOutRequest, NetOutResponse>(
            Message.Types.Type.NetOut, "net_out", "Opens a network, a port or both to a container.",
            new NetOutHandler(), states: AllowedStates.Active, snapshot: SnapshotPolicy.BeforeReply),
        Row<CopyInRequest, CopyInResponse>(
            Message.Types.Type.CopyIn, "copy_in", "Copies files from the host into a container.",
            new CopyInHandler(), states: AllowedStates.Active),
        Row<CopyOutRequest, CopyOutResponse>(
            Message.Types.Type.CopyOut, "copy_out", "Copies files from a container to the host.",
            new CopyOutHandler(), states: AllowedStates.ActiveOrStopped),
        Row<LimitMemoryRequest, LimitMemoryResponse>(
            Message.Types.Type.LimitMemory, "limit_memory", "Sets or reads a container's limit of memory.",
            new LimitMemoryHandler(), states: AllowedStates.ActiveOrStopped, snapshot: SnapshotPolicy.BeforeReply),
        Row<LimitDiskRequest, LimitDiskResponse>(
            Message.Types.Type.LimitDisk, "limit_disk", "Sets or reads a container's limits of disk space and inodes.",
            new LimitDiskHandler(), states: AllowedStates.ActiveOrStopped, snapshot: SnapshotPolicy.BeforeReply),
        Row<LimitBandwidthRequest, LimitBandwidthResponse>(
            Message.Types.Type.LimitBandwidth, "limit_bandwidth", "Sets or reads the rate and burst of a container's network.",
            new LimitBandwidthHandler(), states: AllowedStates.ActiveOrStopped, snapshot: SnapshotPolicy.BeforeReply),
        Row<LimitCpuRequest, LimitCpuResponse>(
            Message.Types.Type.LimitCpu, "limit_cpu", "Sets or reads a container's share of CPU time.",
            new LimitCpuHandler(), states: AllowedStates.ActiveOrStopped, snapshot: SnapshotPolicy.BeforeReply),
        Row<PingRequest, PingResponse>(
            Message.Types.Type.Ping, "ping", "Asks the server whether it serves.",
            new PingHandler(), CommandScope.Server),
        Row<ListRequest, ListResponse>(
            Message.Types.Type.List, "list", "Names the containers.",
            new ListHandler(), CommandScope.Server),
        Row<EchoRequest, EchoResponse>(
            Message.Types.Type.Echo, "echo", "Asks the server to send a text back.",
            new EchoHandler(), CommandScope.Server, secretFields: ["message"]),
    ];
}
