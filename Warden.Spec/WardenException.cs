namespace Warden.Spec;

/// <summary>
/// A failure whose message is meant for the client: it travels as the message of an Error answer, word for word.
/// Every other exception is a bug or the host's failure; it is logged and answered with a plain sentence, or with what an
/// <see cref="Backend.IHostFailure"/> says.
/// </summary>
public sealed class WardenException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="message">One clear sentence that a client can act on.</param>
    public WardenException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with the one that caused it, which is logged and never sent.</summary>
    /// <param name="message">One clear sentence that a client can act on.</param>
    /// <param name="innerException">The cause.</param>
    public WardenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
