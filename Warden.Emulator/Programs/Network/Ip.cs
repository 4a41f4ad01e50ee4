using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>ip(8): shows addresses, links and routes. Changing them is the server's business, not the container's.</summary>
internal sealed class Ip() : GnuProgram("ip")
{
    private const string Usage =
        "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n"
        + "where  OBJECT := { address | link | neighbour | route }\n"
        + "       OPTIONS := { -V[ersion] | -br[ief] | -o[neline] | -4 | -6 }\n";

    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/ip", "/usr/sbin/ip"];

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var words = new List<string>();
        var (brief, oneLine, six) = (false, false, false);
        foreach (var argument in c.Arguments)
        {
            if (words.Count > 0 || !argument.StartsWith('-'))
            {
                words.Add(argument);
                continue;
            }
            switch (argument.TrimStart('-'))
            {
                case "br" or "brief": brief = true; break;
                case "o" or "oneline": oneLine = true; break;
                case "6": six = true; break;
                case "4" or "d" or "details" or "s" or "stats" or "c" or "color" or "n" or "N": break;
                case "V" or "Version":
                    c.WriteLine("ip utility, iproute2-6.1.0, libbpf 1.1.2");
                    return ValueTask.FromResult(0);
                default:
                    c.WarnRaw($"Option \"{argument}\" is unknown, try \"ip -help\".\n");
                    return ValueTask.FromResult(255);
            }
        }
        var interfaces = six ? [] : c.Process.Container.Network.Interfaces;
        return ValueTask.FromResult(words switch
        {
            [] or ["help", ..] => Help(c, words.Count > 0 ? 0 : 255),
            [var what, .. var rest] when IsPrefix(what, "address") => Show(c, interfaces, rest, brief, oneLine, true),
            [var what, .. var rest] when IsPrefix(what, "link") => Show(c, interfaces, rest, brief, oneLine, false),
            [var what, .. var rest] when IsPrefix(what, "route") => Routes(c, rest, six),
            [var what, ..] when IsPrefix(what, "neighbour") || IsPrefix(what, "neighbor") => 0,
            _ => Unknown(c, words[0]),
        });
    }

    private static int Help(Invocation c, int status)
    {
        c.WarnRaw(Usage);
        return status;
    }

    private static int Unknown(Invocation c, string word)
    {
        c.WarnRaw($"Object \"{word}\" is unknown, try \"ip help\".\n");
        return 1;
    }

    private static bool IsPrefix(string word, string whole) => word.Length > 0 && whole.StartsWith(word, StringComparison.Ordinal);

    private static bool Changes(Invocation c, List<string> rest, out int status)
    {
        status = 2;
        if (rest.Count > 0 && rest[0] is "add" or "del" or "delete" or "set" or "replace" or "change" or "flush" or "append")
        {
            c.WarnRaw("RTNETLINK answers: Operation not permitted\n");
            return true;
        }
        return false;
    }

    private static int Show(Invocation c, IReadOnlyList<NetworkInterface> interfaces, List<string> rest, bool brief, bool oneLine, bool addresses)
    {
        if (Changes(c, rest, out var failed))
        {
            return failed;
        }
        var names = rest.Where(word => word is not ("show" or "list" or "ls" or "lst" or "sh" or "s" or "dev" or "up")).ToList();
        if (names.Count > 0 && !interfaces.Any(one => one.Name == names[0]))
        {
            c.WarnRaw($"Device \"{names[0]}\" does not exist.\n");
            return 1;
        }
        foreach (var one in interfaces)
        {
            if (names.Count > 0 && one.Name != names[0])
            {
                continue;
            }
            var name = Interfaces.NameWithPeer(interfaces, one);
            var state = Interfaces.IsLoopback(one) ? "UNKNOWN" : "UP";
            var index = Interfaces.Index(interfaces, one);
            var hardware = Interfaces.HardwareAddress(one);
            if (brief)
            {
                var what = addresses ? $"{one.Address}/{one.PrefixLength}" : $"{hardware} <{Interfaces.Flags(one)}>";
                c.WriteLine($"{name,-16} {state,-14} {what} ");
                continue;
            }
            var scope = Interfaces.IsLoopback(one) ? "host" : "global";
            var fold = oneLine ? "\\" : "\n";
            var inet = $"    inet {one.Address}/{one.PrefixLength} scope {scope} {one.Name}{fold}       valid_lft forever preferred_lft forever\n";
            if (addresses && oneLine)
            {
                c.Write($"{index}: {one.Name}{inet}");
                continue;
            }
            var kind = Interfaces.IsLoopback(one) ? "loopback" : "ether";
            var broadcast = Interfaces.IsLoopback(one) ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff";
            var away = name.Contains('@', StringComparison.Ordinal) ? " link-netnsid 0" : "";
            var mode = addresses ? "" : "mode DEFAULT ";
            c.Write($"{index}: {name}: <{Interfaces.Flags(one)}> mtu {one.Mtu} qdisc noqueue state {state} {mode}group default qlen 1000{fold}");
            c.Write($"    link/{kind} {hardware} brd {broadcast}{away}\n");
            if (addresses)
            {
                c.Write(inet);
            }
        }
        return 0;
    }

    private static int Routes(Invocation c, List<string> rest, bool six)
    {
        if (Changes(c, rest, out var failed))
        {
            return failed;
        }
        var network = c.Process.Container.Network;
        if (rest.Count > 0 && IsPrefix(rest[0], "get"))
        {
            return Get(c, network, rest);
        }
        if (six)
        {
            return 0;
        }
        var onlyDefault = rest.Contains("default");
        var device = network.Interfaces.Count > 1 ? network.Interfaces[1].Name : "lo";
        if (network.Gateway is { } gateway)
        {
            c.WriteLine($"default via {gateway} dev {device} ");
        }
        foreach (var one in network.Interfaces)
        {
            if (!Interfaces.IsLoopback(one) && !onlyDefault)
            {
                c.WriteLine($"{Interfaces.NetworkAddress(one)}/{one.PrefixLength} dev {one.Name} proto kernel scope link src {one.Address} ");
            }
        }
        return 0;
    }

    private static int Get(Invocation c, NetworkStack network, List<string> rest)
    {
        if (rest.Count < 2 || !NetworkStack.TryParseAddress(rest[1], out var address))
        {
            c.WarnRaw(rest.Count < 2 ? "need at least a destination address\n" : $"Error: inet prefix is expected rather than \"{rest[1]}\".\n");
            return 1;
        }
        var direct = network.Interfaces.FirstOrDefault(one => Interfaces.NetworkAddress(one).Equals(Interfaces.NetworkAddress(one with { Address = address })));
        var own = network.Interfaces.Any(one => one.Address.Equals(address)) || System.Net.IPAddress.IsLoopback(address);
        var last = network.Interfaces[^1];
        var how = own ? $"local {address} dev lo src {address}"
            : direct is not null ? $"{address} dev {direct.Name} src {direct.Address}"
            : $"{address} via {network.Gateway} dev {last.Name} src {last.Address}";
        c.Write($"{how} uid {c.Process.UserId} \n    cache {(own ? "<local> " : "")}\n");
        return 0;
    }
}
