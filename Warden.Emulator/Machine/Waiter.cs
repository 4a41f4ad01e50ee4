namespace Warden.Emulator.Machine;

/// <summary>Why a wait ended.</summary>
internal enum Wake
{
    /// <summary>What was waited for may be there.</summary>
    Ready,

    /// <summary>A handled signal came.</summary>
    Signal,

    /// <summary>The time is over.</summary>
    Timeout,

    /// <summary>The process was killed.</summary>
    Killed,
}

/// <summary>
/// One wait of a process. Whoever ends it never runs the process's code: continuations go to the thread pool. A waiter that has ended
/// may still stand in a queue; waking it again does nothing.
/// </summary>
internal sealed class Waiter(bool interruptible) : TaskCompletionSource<Wake>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Whether a handled signal ends the wait.</summary>
    internal bool Interruptible { get; } = interruptible;

    /// <summary>Whether the wait is for SIGCONT.</summary>
    internal bool UntilContinued { get; init; }

    internal Waiter? Next { get; set; }

    internal Waiter? Previous { get; set; }

    internal bool IsLinked { get; set; }

    /// <summary>Ends the wait; false when it had ended.</summary>
    internal bool End(Wake reason) => TrySetResult(reason);
}
