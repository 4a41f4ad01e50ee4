using System.Net.Sockets;

namespace Warden.Spec.Server.Connections;

/// <summary>Listens on a Unix socket of a given mode.</summary>
internal static class UnixListener
{
    private const int Backlog = 4096;

    /// <summary>Refuses a path that another server listens on, or that is not a socket's.</summary>
    /// <exception cref="WardenException">The path is taken.</exception>
    public static void CheckFree(string path)
    {
        if (Directory.Exists(path) || (File.Exists(path) && new FileInfo(path).Length > 0))
        {
            throw new WardenException($"{path} is not a socket, and is not replaced by one");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(EndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is not SocketError.AccessDenied)
        {
            return;
        }
        catch (SocketException e)
        {
            throw new WardenException($"{path} cannot be looked at: {e.Message}", e);
        }

        throw new WardenException($"another server is listening on {path}");
    }

    /// <summary>Listens; a socket that a dead server left is replaced.</summary>
    /// <exception cref="WardenException">The path is taken, or cannot be made.</exception>
    public static Socket Listen(string path, int mode)
    {
        CheckFree(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
            {
                Directory.CreateDirectory(directory);
            }

            File.Delete(path);
            listener.Bind(EndPoint(path));

            // Nobody connects before listen(2), so the mode is right from the first connection on.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, (UnixFileMode)mode);
            }

            listener.Listen(Backlog);
            return listener;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new WardenException($"cannot listen on {path}: {e.Message}", e);
        }
    }

    private static UnixDomainSocketEndPoint EndPoint(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException e)
        {
            throw new WardenException($"the path of the socket is empty or too long: {path}", e);
        }
    }
}
