using Google.Protobuf;

namespace Warden.Spec.Commands;

/// <summary>Runs requests. One for a server; written once for every backend.</summary>
public interface ICommandEngine
{
    /// <summary>
    /// Begins a connection: references every container that now exists and cancels their grace timers (protocol.md §3).
    /// Disposing it drops the references.
    /// </summary>
    ICommandSession OpenSession();
}

/// <summary>One connection as the engine sees it. Requests of one session run one at a time.</summary>
public interface ICommandSession : IDisposable
{
    /// <summary>
    /// Runs a request whose required fields are there (<see cref="CommandRow.MissingField"/>), and sends its answers. A failure is thrown,
    /// not sent.
    /// </summary>
    /// <param name="row">The command.</param>
    /// <param name="request">The request.</param>
    /// <param name="replies">Takes the answers.</param>
    /// <param name="cancellationToken">Cancelled when the client is gone or the server drains.</param>
    /// <exception cref="WardenException">What the client is told.</exception>
    ValueTask ExecuteAsync(CommandRow row, IMessage request, IReplySink replies, CancellationToken cancellationToken);
}

/// <summary>Takes the answers to one request.</summary>
public interface IReplySink
{
    /// <summary>Completes when the answer was handed whole to the operating system.</summary>
    /// <exception cref="IOException">The client is gone; what the answer carried was not delivered.</exception>
    ValueTask SendAsync(IMessage response, CancellationToken cancellationToken);
}
