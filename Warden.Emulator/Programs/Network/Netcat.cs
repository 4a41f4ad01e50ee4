using System.Net;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>nc(1): connects or listens, and relays between the network and its standard input and output.</summary>
internal sealed class Netcat : EmulatedProgram
{
    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/nc", "/usr/bin/netcat", "/usr/bin/nc.openbsd"];

    public override async ValueTask<int> RunAsync(Process process)
    {
        if (NetcatOptions.Parse(process.Arguments, out var complaint) is not { } options)
        {
            await process.WriteAsync(2, complaint);
            return 1;
        }
        if (options.Has('h'))
        {
            await process.WriteAsync(2, "OpenBSD netcat (Debian patchlevel 1.219-1)\n" + NetcatOptions.Usage);
            return 0;
        }
        process.SetSignalAction(Signal.PIPE, SignalAction.Ignore);
        var (host, port) = (options.Operands.Count, options.Has('l'), options.Value('p')) switch
        {
            (0, true, { } source) => (null, source),
            (1, true, { } source) => (options.Operands[0], source),
            (1, true, null) => (null, options.Operands[0]),
            (2, _, _) => (options.Operands[0], options.Operands[1]),
            (1, false, _) => (options.Operands[0], null),
            _ => ((string?)null, (string?)null),
        };
        if (options.Operands.Count > 2 || (options.Operands.Count == 0 && !options.Has('l')))
        {
            await process.WriteAsync(2, NetcatOptions.Usage);
            return 1;
        }
        if (port is null)
        {
            await process.WriteAsync(2, "nc: missing port number\n");
            return 1;
        }
        return options.Has('l') ? await ListenAsync(process, options, host, port) : await ConnectAsync(process, options, host!, port);
    }

    private static async ValueTask<int> ListenAsync(Process process, NetcatOptions options, string? host, string portText)
    {
        // Debian's netcat takes the number modulo 65536 here, as htons does.
        if (!long.TryParse(portText, out var number) || number < 0)
        {
            await process.WriteAsync(2, "nc: getaddrinfo: Servname not supported for ai_socktype\n");
            return 1;
        }
        var address = host is null ? IPAddress.Any : process.Container.Network.Resolve(process, host);
        if (address is null)
        {
            await process.WriteAsync(2, "nc: getaddrinfo: Temporary failure in name resolution\n");
            return 1;
        }
        var local = new IPEndPoint(address, (int)(number & 0xFFFF));
        try
        {
            return options.Has('u') ? await ListenUdpAsync(process, options, local) : await ListenTcpAsync(process, options, local);
        }
        catch (ErrnoException failure)
        {
            await process.WriteAsync(2, $"nc: {failure.Message}\n");
            return 1;
        }
    }

    private static async ValueTask<int> ListenTcpAsync(Process process, NetcatOptions options, IPEndPoint local)
    {
        var listener = process.Container.Network.Listen(process, local, 1);
        var fd = process.Install(listener);
        await SayListeningAsync(process, options, listener.LocalEndPoint);
        var input = new NetcatInput(process);
        do
        {
            var socket = await listener.AcceptAsync(process);
            var connection = process.Install(socket);
            if (!options.Has('k'))
            {
                process.Close(fd);
            }
            await SayReceivedAsync(process, options, socket.RemoteEndPoint);
            await new NetcatRelay(process, options, new TcpChannel(process, socket), input).RunAsync();
            process.Close(connection);
        }
        while (options.Has('k'));
        return 0;
    }

    private static async ValueTask<int> ListenUdpAsync(Process process, NetcatOptions options, IPEndPoint local)
    {
        var socket = process.Container.Network.Bind(process, local);
        process.Install(socket);
        await SayListeningAsync(process, options, socket.LocalEndPoint);
        var (data, from) = await socket.ReceiveAsync(process);
        await SayReceivedAsync(process, options, from);
        // With -k it stays unconnected and takes what comes from everybody.
        await new NetcatRelay(process, options, new UdpChannel(process, socket, from, !options.Has('k'), data), new NetcatInput(process)).RunAsync();
        return 0;
    }

    private static async ValueTask<int> ConnectAsync(Process process, NetcatOptions options, string host, string portText)
    {
        var ports = new List<int>();
        foreach (var part in portText.Split('-', 2))
        {
            if (!int.TryParse(part, out var port) || port is < 1 or > 65535)
            {
                var why = !long.TryParse(part, out var value) ? "invalid" : value < 1 ? "too small" : "too large";
                await process.WriteAsync(2, $"nc: port number {why}: {part}\n");
                return 1;
            }
            ports.Add(port);
        }
        int? source = null;
        if (options.Value('p') is { } sourceText)
        {
            if (!int.TryParse(sourceText, out var number) || number is < 0 or > 65535)
            {
                await process.WriteAsync(2, "nc: getaddrinfo: Servname not supported for ai_socktype\n");
                return 1;
            }
            source = number == 0 ? null : number;
        }
        var isAddress = NetworkStack.TryParseAddress(host, out var address);
        var resolved = isAddress ? address : options.Has('n') ? null : process.Container.Network.Resolve(process, host);
        if (resolved is null)
        {
            var why = options.Has('n') ? "Name or service not known" : "Temporary failure in name resolution";
            await process.WriteAsync(2, $"nc: getaddrinfo for host \"{host}\" port {ports[0]}: {why}\n");
            return 1;
        }
        var target = new Target(isAddress ? host : $"{host} ({resolved})", resolved, source);
        var status = 1;
        var input = new NetcatInput(process);
        for (var port = Math.Min(ports[0], ports[^1]); port <= Math.Max(ports[0], ports[^1]); port++)
        {
            if (await ConnectPortAsync(process, options, target, port, input))
            {
                status = 0;
                if (!options.Has('z') && ports.Count == 1)
                {
                    break;
                }
            }
            if (options.Interval is { } pause && port < ports[^1])
            {
                await process.SleepAsync(pause);
            }
        }
        return status;
    }

    private static async ValueTask<bool> ConnectPortAsync(Process process, NetcatOptions options, Target target, int port, NetcatInput input)
    {
        var verbose = options.Has('v');
        var remote = new IPEndPoint(target.Address, port);
        var protocol = options.Has('u') ? "udp" : "tcp";
        int fd;
        NetcatChannel channel;
        try
        {
            if (options.Has('u'))
            {
                var socket = process.Container.Network.Bind(process, new IPEndPoint(IPAddress.Any, target.SourcePort ?? 0));
                fd = process.Install(socket);
                channel = new UdpChannel(process, socket, remote, true, null);
                if ((verbose || options.Has('z')) && !await ProbeAsync(process, channel))
                {
                    process.Close(fd);
                    return false;
                }
            }
            else
            {
                var socket = await process.Container.Network.ConnectAsync(process, remote, target.SourcePort, options.Timeout is { Ticks: > 0 } ? options.Timeout : null);
                fd = process.Install(socket);
                channel = new TcpChannel(process, socket);
            }
        }
        catch (ErrnoException failure)
        {
            if (failure.Errno is Errno.EADDRINUSE or Errno.EACCES && target.SourcePort is not null)
            {
                await process.WriteAsync(2, $"nc: bind failed: {failure.Message}\n");
            }
            else if (verbose)
            {
                var how = failure.Errno == Errno.ETIMEDOUT && options.Timeout is not null ? "timed out: Operation now in progress" : $"failed: {failure.Message}";
                await process.WriteAsync(2, $"nc: connect to {target.Name} port {port} ({protocol}) {how}\n");
            }
            return false;
        }
        if (verbose)
        {
            await process.WriteAsync(2, $"Connection to {target.Name} {port} port [{protocol}/*] succeeded!\n");
        }
        if (!options.Has('z'))
        {
            await new NetcatRelay(process, options, channel, input).RunAsync();
        }
        process.Close(fd);
        return true;
    }

    // Nobody confirms a datagram: what can be seen is that the first ones were not refused.
    private static async ValueTask<bool> ProbeAsync(Process process, NetcatChannel channel)
    {
        try
        {
            for (var i = 0; i < 4; i++)
            {
                await channel.WriteAsync("X"u8.ToArray());
            }
            return true;
        }
        catch (ErrnoException)
        {
            process.Checkpoint();
            return false;
        }
    }

    private static async ValueTask SayListeningAsync(Process process, NetcatOptions options, IPEndPoint local)
    {
        if (options.Has('v'))
        {
            await process.WriteAsync(2, options.Has('u') ? $"Bound on {local.Address} {local.Port}\n" : $"Listening on {local.Address} {local.Port}\n");
        }
    }

    private static async ValueTask SayReceivedAsync(Process process, NetcatOptions options, IPEndPoint remote)
    {
        if (options.Has('v'))
        {
            var name = options.Has('n') ? null : HostsFile.NameOf(process, remote.Address);
            await process.WriteAsync(2, $"Connection received on {name ?? remote.Address.ToString()} {remote.Port}\n");
        }
    }

    private sealed record Target(string Name, IPAddress Address, int? SourcePort);
}
