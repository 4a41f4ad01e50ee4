namespace Warden.Spec.Protocol;

/// <summary>
/// The peer sent what is no frame, or a frame whose content is no request (protocol.md §1). Its message says what was wrong; nothing
/// that follows on the connection can be trusted.
/// </summary>
public sealed class FrameException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="message">What was wrong.</param>
    public FrameException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with the one that caused it.</summary>
    /// <param name="message">What was wrong.</param>
    /// <param name="innerException">The cause.</param>
    public FrameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
