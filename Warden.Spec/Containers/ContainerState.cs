using Warden.Spec.Commands;

namespace Warden.Spec.Containers;

/// <summary>Where a container stands in its life (protocol.md §3).</summary>
internal enum ContainerState
{
    /// <summary>It holds its handle and is not listed; its set-up is not done.</summary>
    Born,

    /// <summary>Jobs run in it.</summary>
    Active,

    /// <summary>Its processes were told to end; its files are still there.</summary>
    Stopped,

    /// <summary>It is gone.</summary>
    Destroyed,
}

/// <summary>The rules of the states.</summary>
internal static class ContainerStates
{
    /// <summary>The state's name on the wire and in snapshots.</summary>
    public static string Name(this ContainerState state) => state switch
    {
        ContainerState.Born => "born",
        ContainerState.Active => "active",
        ContainerState.Stopped => "stopped",
        _ => "destroyed",
    };

    /// <summary>The state of a name in a snapshot; only these two outlive a server.</summary>
    public static ContainerState? Recoverable(string name) => name switch
    {
        "active" => ContainerState.Active,
        "stopped" => ContainerState.Stopped,
        _ => null,
    };

    /// <summary>Whether clients see a container in this state.</summary>
    public static bool IsListed(this ContainerState state) => state is ContainerState.Active or ContainerState.Stopped;

    /// <summary>Whether a container may go from one state to another.</summary>
    public static bool CanBecome(this ContainerState state, ContainerState next) => next switch
    {
        ContainerState.Active => state == ContainerState.Born,
        ContainerState.Stopped => state is ContainerState.Born or ContainerState.Active,
        ContainerState.Destroyed => state != ContainerState.Destroyed,
        _ => false,
    };

    /// <summary>Refuses a command that is not allowed in this state.</summary>
    /// <exception cref="WardenException">With the text that clients know.</exception>
    public static void Demand(this ContainerState state, AllowedStates allowed)
    {
        switch (allowed)
        {
            case AllowedStates.Active when state != ContainerState.Active:
                throw new WardenException($"Container state must be one of 'active', current state is '{state.Name()}'");
            case AllowedStates.ActiveOrStopped when !state.IsListed():
                throw new WardenException($"Container state must be one of 'active, stopped', current state is '{state.Name()}'");
            default:
                break;
        }
    }
}
