namespace Warden.Spec.Backend;

/// <summary>
/// A failure of the host whose message says what was being done, on what, and what the host said to it, and nothing else: an exception
/// of a backend that the client is told as it stands. It is logged all the same.
/// </summary>
public interface IHostFailure
{
    /// <summary>The sentence.</summary>
    string Message { get; }
}
