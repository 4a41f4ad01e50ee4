using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Warden.Spec.Client;

/// <summary>Where a server listens: the path of a Unix domain socket, or a host and a TCP port.</summary>
public sealed record WardenEndpoint
{
    /// <summary>The path a server listens on unless its configuration says otherwise (protocol.md §1).</summary>
    public const string DefaultSocketPath = "/tmp/warden.sock";

    private WardenEndpoint(string? path, string? host, int port)
    {
        SocketPath = path;
        Host = host;
        Port = port;
    }

    /// <summary>The Unix socket's path, or null for a TCP endpoint.</summary>
    public string? SocketPath { get; }

    /// <summary>The host's name or address, or null for a Unix socket.</summary>
    public string? Host { get; }

    /// <summary>The TCP port, 1 to 65535, or 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>A Unix domain socket.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static WardenEndpoint Unix(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WardenEndpoint(path, null, 0);
    }

    /// <summary>A TCP endpoint.</summary>
    /// <param name="host">A name, an IPv4 address or an IPv6 address without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <exception cref="ArgumentException">The host is empty or the port out of its range.</exception>
    public static WardenEndpoint Tcp(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return new WardenEndpoint(null, host, port);
    }

    /// <summary>
    /// Reads an endpoint from text: <c>HOST:PORT</c> or <c>[IPV6]:PORT</c> is TCP, everything else is a path. A path that looks like
    /// HOST:PORT is written with a slash, as in <c>./name:80</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is empty, or its port is not from 1 to 65535.</exception>
    public static WardenEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            throw new FormatException("An endpoint is the path of a Unix socket or HOST:PORT, not an empty text.");
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0 || colon == text.Length - 1 || text.AsSpan().ContainsAny('/', '\\') || !AllDigits(text.AsSpan(colon + 1)))
        {
            return Unix(text);
        }

        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > IPEndPoint.MaxPort)
        {
            throw new FormatException($"The port of '{text}' is not from 1 to {IPEndPoint.MaxPort}.");
        }

        string host = text[..colon];
        if (host is ['[', _, .., ']'])
        {
            host = host[1..^1];
        }

        return Tcp(host, port);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        if (SocketPath is not null)
        {
            return SocketPath;
        }

        return Host!.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
    }

    /// <summary>Opens a socket to the endpoint.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    internal async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket;
        EndPoint address;
        if (SocketPath is not null)
        {
            // The constructor refuses a path longer than sun_path before a socket exists that would have to be closed.
            address = new UnixDomainSocketEndPoint(SocketPath);
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }
        else
        {
            address = IPAddress.TryParse(Host, out IPAddress? ip) ? new IPEndPoint(ip, Port) : new DnsEndPoint(Host!, Port);
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }

        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool AllDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
