using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands;

/// <summary>
/// What one command is. Dispatch, help, documentation and the coverage of the conformance suite read this row; nothing else lists
/// commands.
/// </summary>
public sealed record CommandRow
{
    /// <summary>The number on the wire.</summary>
    public required Message.Types.Type Type { get; init; }

    /// <summary>The command's name in the positional syntax and on the command line, such as "net_in".</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for help.</summary>
    public required string Summary { get; init; }

    /// <summary>Parses a request.</summary>
    public required MessageParser RequestParser { get; init; }

    /// <summary>Parses a response.</summary>
    public required MessageParser ResponseParser { get; init; }

    /// <summary>The request's definition.</summary>
    public required MessageDescriptor Request { get; init; }

    /// <summary>The response's definition.</summary>
    public required MessageDescriptor Response { get; init; }

    /// <summary>Whether the command names a container.</summary>
    public required CommandScope Scope { get; init; }

    /// <summary>The states in which the command is allowed.</summary>
    public required AllowedStates AllowedStates { get; init; }

    /// <summary>Whether the container's snapshot is written before the answer.</summary>
    public required SnapshotPolicy Snapshot { get; init; }

    /// <summary>One answer, or many.</summary>
    public required ReplyShape Reply { get; init; }

    /// <summary>What a drain does to a request of this command that is in work.</summary>
    public required DrainPolicy Drain { get; init; }

    /// <summary>Fields whose values are never logged.</summary>
    public IReadOnlyList<string> SecretFields { get; init; } = [];

    /// <summary>Does the work.</summary>
    public required CommandHandler Handler { get; init; }

    /// <summary>
    /// The path of the first required field that a request lacks, such as <c>handle</c> or <c>bind_mounts[1].src_path</c>; null when it
    /// lacks none. A request that lacks one is an undecodable frame (protocol.md §1). Google.Protobuf does not check it by itself.
    /// </summary>
    /// <param name="request">A request of this row's type.</param>
    public string? MissingField(IMessage request) => Handler.MissingField(request);

    /// <summary>
    /// Refuses enum values that do not exist and text that is not UTF-8. <see cref="ICommandSession.ExecuteAsync"/> does this itself; it is
    /// public for those who build requests.
    /// </summary>
    /// <param name="request">A request of this row's type whose required fields are there.</param>
    /// <exception cref="WardenException">Names the field; the connection stays usable.</exception>
    public void Check(IMessage request) => Handler.Check(request);
}

/// <summary>What a command acts on.</summary>
public enum CommandScope
{
    /// <summary>The server.</summary>
    Server,

    /// <summary>The container whose handle the request carries.</summary>
    Container,
}

/// <summary>The states of a container in which a command is allowed (protocol.md §3).</summary>
public enum AllowedStates
{
    /// <summary>Any, or the command has no container.</summary>
    Any,

    /// <summary>Active.</summary>
    Active,

    /// <summary>Active or stopped.</summary>
    ActiveOrStopped,
}

/// <summary>When a container's snapshot is written.</summary>
public enum SnapshotPolicy
{
    /// <summary>The command changes nothing that a snapshot holds.</summary>
    None,

    /// <summary>Before the answer.</summary>
    BeforeReply,

    /// <summary>The handler writes it itself, where it changes what the snapshot holds.</summary>
    ByHandler,
}

/// <summary>How many answers a request gets.</summary>
public enum ReplyShape
{
    /// <summary>One.</summary>
    One,

    /// <summary>Many, the last of which carries an exit status.</summary>
    Stream,
}

/// <summary>What a drain does to a request in work (protocol.md §6).</summary>
public enum DrainPolicy
{
    /// <summary>Its connection is closed at once.</summary>
    Close,

    /// <summary>It finishes and is answered.</summary>
    Finish,
}
