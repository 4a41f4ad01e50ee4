using System.Net.Sockets;
using System.Text;

namespace Warden.Linux.Commands;

/// <summary>
/// Tells the service manager how far the server is, as sd_notify(3) has it: a datagram to the socket that NOTIFY_SOCKET names. Without one
/// nothing is told, and a manager that does not listen keeps nobody from serving.
/// </summary>
/// <param name="socketPath">The value of NOTIFY_SOCKET.</param>
internal sealed class ServiceManager(string? socketPath)
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>The manager that started this process. The programs that this process starts are not to speak for it.</summary>
    public static ServiceManager OfProcess()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return new ServiceManager(path);
    }

    /// <summary>The server answers.</summary>
    public void TellReady(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The server drains.</summary>
    public void TellStopping() => Send("STOPPING=1\nSTATUS=Draining");

    private void Send(string state)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        // A socket without a file has a name that begins with NUL, which the variable shows as '@' (unix(7)).
        var name = socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(name));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // It is gone, or the name is none.
        }
    }
}
