#pragma warning disable CS1591
namespace Warden.Emulator.Machine;

/// <summary>One emulated container: what its processes share.</summary>
public sealed class EmulatedContainer
{
    public string Id => throw new NotImplementedException();
    public string HostName { get; set; } = "";
    public IReadOnlyList<Process> Processes => throw new NotImplementedException();

    /// <summary>The container's sockets, addresses and rules.</summary>
    public Network.NetworkStack Network => throw new NotImplementedException();
}
