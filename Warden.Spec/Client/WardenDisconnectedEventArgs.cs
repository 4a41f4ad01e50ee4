namespace Warden.Spec.Client;

/// <summary>Why a connection ended.</summary>
public sealed class WardenDisconnectedEventArgs : EventArgs
{
    internal WardenDisconnectedEventArgs(Exception? reason)
    {
        Reason = reason;
    }

    /// <summary>What ended the connection, or null when this client closed it.</summary>
    public Exception? Reason { get; }
}
