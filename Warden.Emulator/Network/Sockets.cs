using System.Net;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>A network interface.</summary>
/// <param name="Name">Such as "lo" or "w-0123456789a-1".</param>
/// <param name="Address">The IPv4 address.</param>
/// <param name="PrefixLength">0 to 32.</param>
/// <param name="Mtu">Bytes.</param>
public sealed record NetworkInterface(string Name, IPAddress Address, int PrefixLength, int Mtu);

/// <summary>A connected TCP socket.</summary>
public abstract class StreamSocket : OpenFile
{
    /// <summary>The own end.</summary>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>The other end.</summary>
    public abstract IPEndPoint RemoteEndPoint { get; }

    /// <summary>shutdown(2) of the sending side.</summary>
    public abstract void ShutdownWrite();
}

/// <summary>A listening TCP socket.</summary>
public abstract class Listener : OpenFile
{
    /// <summary>Where it listens.</summary>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>Waits for a connection.</summary>
    public abstract ValueTask<StreamSocket> AcceptAsync(Process process);
}

/// <summary>A UDP socket.</summary>
public abstract class DatagramSocket : OpenFile
{
    /// <summary>Where it is bound.</summary>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>Sends a datagram. When a rule rejects it or nobody is there to take it, the next call fails with ECONNREFUSED.</summary>
    public abstract ValueTask SendAsync(Process process, ReadOnlyMemory<byte> data, IPEndPoint remote);

    /// <summary>Waits for a datagram; ETIMEDOUT.</summary>
    public abstract ValueTask<(byte[] Data, IPEndPoint From)> ReceiveAsync(Process process, TimeSpan? timeout = null);
}
