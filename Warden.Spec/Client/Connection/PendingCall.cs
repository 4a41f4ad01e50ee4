using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>A request that was sent, or waits for the connection to open, and is not answered yet.</summary>
internal interface IPendingCall
{
    /// <summary>The frame of a call that was made before the connection was open; null once it was sent.</summary>
    byte[]? HeldFrame { get; set; }

    /// <summary>Whether nobody waits for the answer any more.</summary>
    bool IsAbandoned { get; }

    /// <summary>Takes an answer. Called by the connection's receiving side, one call at a time.</summary>
    /// <exception cref="FrameException">The answer does not follow the protocol.</exception>
    Acceptance Accept(Message.Types.Type type, ReadOnlySpan<byte> payload);

    /// <summary>Ends the call because its connection has ended. Does nothing to a call that is over.</summary>
    void Fail(Exception reason);
}

/// <summary>What an answer meant to its call.</summary>
internal enum Acceptance
{
    /// <summary>More answers follow.</summary>
    More,

    /// <summary>More answers follow, and the connection must not read on until the call asks it to.</summary>
    Pause,

    /// <summary>It was the last one and whoever waits was told.</summary>
    Complete,

    /// <summary>It was the last one; the connection calls <see cref="IDeferredCompletion.Complete"/> when it suits it.</summary>
    Deferred,
}

/// <summary>A call that has its answer and runs its waiter's continuation on the thread that calls <see cref="Complete"/>.</summary>
internal interface IDeferredCompletion : IThreadPoolWorkItem
{
    void Complete();
}
