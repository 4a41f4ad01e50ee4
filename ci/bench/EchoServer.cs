using System.Net.Sockets;

namespace Warden.Bench;

/// <summary>
/// The least that a server in C# can do: it sends back what it receives. A ping's answer has the bytes of its request, so the same
/// client can talk to it.
/// </summary>
internal static class EchoServer
{
    public static async Task RunAsync(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(16);
        await Console.Out.WriteLineAsync("ready").ConfigureAwait(false);
        while (true)
        {
            _ = ServeAsync(await listener.AcceptAsync().ConfigureAwait(false));
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[65536];
            int count;
            while ((count = await socket.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                await socket.SendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }
        }
    }
}
