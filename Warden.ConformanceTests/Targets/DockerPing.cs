using System.Net.Sockets;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Warden.ConformanceTests.Wire;

namespace Warden.ConformanceTests.Targets;

/// <summary>Holds once the server in a container answers a Ping at its socket.</summary>
internal sealed class DockerPing(string socketPath) : IWaitUntil
{
    public async Task<bool> UntilAsync(IContainer container)
    {
        if (container.State == TestcontainersStates.Exited)
        {
            throw new InvalidOperationException("the server in the container has ended before it answered");
        }

        if (!File.Exists(socketPath))
        {
            return false;
        }

        try
        {
            await using var connection = await WireConnection.ConnectAsync(socketPath);
            await connection.CallAsync("Ping");
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
