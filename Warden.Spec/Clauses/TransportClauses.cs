using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>The transport: sockets, frames, order, bad input (§1), and the messages (§2).</summary>
internal static class TransportClauses
{
    private const string Transport = "§1";
    private const string Messages = "§2";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("FRAME")
            .Must(1, Transport, "An answer is a frame: the payload's length in ASCII decimal, CR LF, the payload, CR LF.", Ping)
            .Must(2, Transport, "The payload is a Message with the type and the encoded request or response of that type.", Ping, Echo)
            .Must(3, Transport, "A request whose bytes arrive one by one is answered as any other.", Echo)
            .Must(4, Transport, "Requests that arrive together in one write are all answered, in order.", Echo)
            .Must(5, Transport, "A connection's requests are processed one at a time: a later one waits for the one in work.", Run, Echo)
            .Must(6, Transport, "Several connections are served at the same time.", Run, Ping)
            .Must(7, Transport, "A client that has shut down its sending side still gets the answers to what it sent.", Run)
            .Must(8, Transport, "A request that fails is answered with type Error, and the connection stays usable.", Info, Ping)
            .Must(9, Transport, "Unknown fields are ignored.", Ping, Create)
            .Must(10, Transport, "The server reads ahead at most 1 MiB beyond the request in work; more stays with the client.", Run, Echo)
            .Must(11, Transport, "A client that never reads gets back-pressure: the server's memory stays bounded and others are served.", Echo)
            .Must(12, Transport, "Two hundred connections at once are all served.", Ping)
            .Must(13, Transport, "A client that goes away in the middle of a frame harms nobody.", Ping)
            .Must(14, Transport, "The server sends an answer of any size, also one above the limit of requests.", OwnConfiguration, Run)
            .Must(15, Transport, "A large request within the limit is accepted.", Echo)
            .Must(16, Transport, "Frames of random content never harm another connection or a container.", Ping, List)
            .Must(17, Transport, "A client that goes away while its request is in work harms nobody.", Run, Ping)
            .Clauses,
        .. new ClauseTable("BADFRAME")
            .Must(1, Transport, "Garbage instead of a length gets one Error, and the connection is closed.")
            .Must(2, Transport, "A length above the frame limit gets one Error without waiting for the payload, and the connection is closed.")
            .Must(3, Transport, "A length of ten digits gets one Error, and the connection is closed.")
            .Must(4, Transport, "A negative length gets one Error, and the connection is closed.")
            .Must(5, Transport, "A length that is not followed by CR LF gets one Error, and the connection is closed.")
            .Must(6, Transport, "A payload that is not followed by CR LF gets one Error, and the connection is closed.")
            .Must(7, Transport, "An envelope that cannot be decoded gets one Error, and the connection is closed.")
            .Must(8, Transport, "A request that cannot be decoded gets one Error, and the connection is closed.", Create)
            .Must(9, Transport, "An unknown type gets one Error, and the connection is closed.")
            .Must(10, Transport, "A missing required field gets one Error that names it, and the connection is closed.", Info, Spawn, Run, Link,
                StreamJob, CopyIn, CopyOut, NetIn, NetOut, Stop, Destroy, LimitMemory, LimitDisk, LimitBandwidth, LimitCpu, Echo)
            .Must(11, Transport, "The Error of a bad frame comes after the answers to the requests before it.", Ping)
            .Must(12, Transport, "A frame that ends with the connection is dropped, and the connection is closed.")
            .Must(13, Transport, "A bad frame affects no other connection and no container.", Ping, List)
            .Must(14, Transport, "An envelope without its type or its payload gets one Error, and the connection is closed.")
            .Must(15, Transport, "A missing required field of a nested message gets one Error, and the connection is closed.", Create)
            .Must(16, Transport, "Type Error is no request: it gets one Error, and the connection is closed.")
            .Clauses,
        .. new ClauseTable("VALUE")
            .Must(1, Transport, "An unknown enum value gets an Error naming the field, and the connection stays usable.", Create, NetOut)
            .Must(2, Transport, "A port over 65535 gets an Error naming the field, and the connection stays usable.", NetIn, NetOut)
            .Must(3, Transport, "An address that is none gets an Error naming the field, and the connection stays usable.", Create, NetOut)
            .Must(4, Transport, "A handle that is no UTF-8 gets an Error and is never replaced.", Create, Info)
            .Must(5, Transport, "Programs' output is bytes: every value from 0 to 255 arrives as it was printed.", Run, Link, StreamJob)
            .Must(6, Transport, "Scripts are bytes: what is no UTF-8 arrives as it was sent.", Run, Spawn)
            .Must(7, Transport, "Echoed text is returned byte by byte, also where it is no UTF-8.", Echo)
            .Must(8, Transport, "An Error never carries a stack trace of the server.", Info)
            .Clauses,
        .. new ClauseTable("SOCKET")
            .Must(1, Transport, "The socket's mode is unix_domain_permissions.", OwnConfiguration)
            .Must(2, Transport, "There is no TCP listener unless one is asked for.", OwnConfiguration | Executable)
            .Must(3, Transport, "A TCP listener that was asked for serves the same containers as the Unix socket.", OwnConfiguration, Ping, List)
            .Must(4, Transport, "unix_domain_path says where the socket is.", OwnConfiguration | Executable)
            .Clauses,
        .. new ClauseTable("MSG")
            .Must(1, Messages, "What an independent client encodes decodes to the fields that it set.", Library)
            .Must(2, Messages, "The fields that an independent client set encode to the bytes that it made.", Library)
            .Must(3, Messages, "The frame around a message is the one that an independent client makes.", Library)
            .Must(4, Messages, "Every message has the fields, numbers, types and rules of the reference.", Library)
            .Must(5, Messages, "Types have the numbers of the reference.", Library)
            .Must(6, Messages, "What a server of 2016 answered in a recorded scenario is answered again.", OwnConfiguration, Create, Stop, Destroy, Info,
                Spawn, Link, Run, StreamJob, NetIn, NetOut, CopyIn, CopyOut, LimitMemory, LimitDisk, LimitBandwidth, LimitCpu, Ping, List, Echo)
            .Clauses,
        .. new ClauseTable("PING")
            .Must(1, Messages, "Ping is answered with an empty response.", Ping)
            .Must(2, Messages, "Echo returns the message.", Echo)
            .Must(3, Messages, "List returns the handles of all containers.", List)
            .Must(4, Messages, "List of a server without containers is empty.", OwnConfiguration, List)
            .Must(5, Messages, "List names a stopped container, and no longer a destroyed one.", List, Stop, Destroy)
            .Clauses,
    ];
}
