namespace Warden.Spec.Client;

/// <summary>
/// There is no connection to the server, or it ended before the answer came. Whether the server carried the request out is not known.
/// </summary>
public sealed class WardenConnectionException : IOException
{
    internal WardenConnectionException(string message)
        : base(message)
    {
    }

    internal WardenConnectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
