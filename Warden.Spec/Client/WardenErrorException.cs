using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <summary>The server answered a request with an Error. Its message is the server's, word for word; the connection stays usable.</summary>
public sealed class WardenErrorException : Exception
{
    internal WardenErrorException(ErrorResponse error)
        : base(error.HasMessage ? error.Message : "The server answered with an error and no message.")
    {
        ErrorData = error.HasData ? error.Data : null;
        ServerBacktrace = [.. error.Backtrace];
    }

    /// <summary>The error's data field, or null where the server sent none.</summary>
    public string? ErrorData { get; }

    /// <summary>The stack trace that old servers send; this project's servers never do.</summary>
    public IReadOnlyList<string> ServerBacktrace { get; }
}
