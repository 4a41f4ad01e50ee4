using System.Net;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>One row of ss and netstat.</summary>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="State">As ss names it.</param>
/// <param name="Received">Bytes (of a listener: connections) that wait.</param>
/// <param name="Backlog">A listener's limit, else 0.</param>
/// <param name="Local">The own end.</param>
/// <param name="Remote">The other end, or null.</param>
internal sealed record SocketRow(string Protocol, string State, int Received, int Backlog, IPEndPoint Local, IPEndPoint? Remote)
{
    public bool IsServer => State is "LISTEN" or "UNCONN";

    /// <summary>The sockets of a stack.</summary>
    public static List<SocketRow> Of(NetworkStack stack, bool tcp, bool udp)
    {
        var (listeners, connections, datagrams) = stack.Sockets();
        var rows = new List<SocketRow>();
        if (udp)
        {
            rows.AddRange(datagrams.Select(socket => new SocketRow("udp", "UNCONN", socket.Unread, 0, socket.LocalEndPoint, null)));
        }
        if (tcp)
        {
            rows.AddRange(listeners.Select(socket => new SocketRow("tcp", "LISTEN", socket.Waiting, socket.Backlog, socket.LocalEndPoint, null)));
            rows.AddRange(connections.Select(socket =>
                new SocketRow("tcp", socket.State, socket.Unread, 0, socket.LocalEndPoint, socket.RemoteEndPoint)));
        }
        return rows;
    }
}
