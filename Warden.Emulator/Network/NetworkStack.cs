using System.Net;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>The network of one emulated container (or of the emulated host): its addresses and sockets.</summary>
public sealed class NetworkStack
{
    /// <summary>The interfaces, loopback first.</summary>
    public IReadOnlyList<NetworkInterface> Interfaces => throw new NotImplementedException();

    /// <summary>
    /// Connects by TCP. The returned file reads and writes the connection.
    /// </summary>
    /// <exception cref="ErrnoException">ECONNREFUSED when nobody listens or a rule rejects, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT.</exception>
    public ValueTask<StreamSocket> ConnectAsync(Process process, IPEndPoint remote, TimeSpan? timeout = null) => throw new NotImplementedException();

    /// <summary>Listens on a TCP port (0 picks one).</summary>
    /// <exception cref="ErrnoException">EADDRINUSE, EACCES under port 1024 for others than root.</exception>
    public Listener Listen(Process process, IPEndPoint local) => throw new NotImplementedException();

    /// <summary>Binds a UDP socket (port 0 picks one).</summary>
    public DatagramSocket Bind(Process process, IPEndPoint local) => throw new NotImplementedException();

    /// <summary>Sends an ICMP echo request and waits for its reply; returns the round trip's time.</summary>
    /// <exception cref="ErrnoException">ETIMEDOUT, EHOSTUNREACH, EACCES (a rule rejects with "Destination Port Unreachable").</exception>
    public ValueTask<TimeSpan> PingAsync(Process process, IPAddress remote, int size, TimeSpan timeout) => throw new NotImplementedException();

    /// <summary>Resolves a name by the container's /etc/hosts, or an address in text; null when it is not known.</summary>
    public IPAddress? Resolve(Process process, string name) => throw new NotImplementedException();
}

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

    /// <summary>Sends a datagram; ECONNREFUSED when a rule rejects it.</summary>
    public abstract ValueTask SendAsync(Process process, ReadOnlyMemory<byte> data, IPEndPoint remote);

    /// <summary>Waits for a datagram; ETIMEDOUT.</summary>
    public abstract ValueTask<(byte[] Data, IPEndPoint From)> ReceiveAsync(Process process, TimeSpan? timeout = null);
}
