using System.Net;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>netstat(8): lists sockets and routes.</summary>
internal sealed class Netstat() : GnuProgram("netstat")
{
    private static readonly Dictionary<string, string> States = new(StringComparer.Ordinal)
    {
        ["LISTEN"] = "LISTEN",
        ["ESTAB"] = "ESTABLISHED",
        ["CLOSE-WAIT"] = "CLOSE_WAIT",
        ["FIN-WAIT-2"] = "FIN_WAIT2",
        ["LAST-ACK"] = "LAST_ACK",
        ["UNCONN"] = "",
    };

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options("tulanprei4xWc", "tcp t", "udp u", "listening l", "all a", "numeric n", "programs p", "route r", "inet 4");
        var network = c.Process.Container.Network;
        if (options.Has("r"))
        {
            RouteProgram.WriteTable(c, network, options.Has("n"), true);
            return ValueTask.FromResult(0);
        }
        var both = options.Has("t") == options.Has("u");
        var which = options.Has("l") ? "only servers" : options.Has("a") ? "servers and established" : "w/o servers";
        c.WriteLine($"Active Internet connections ({which})");
        c.WriteLine("Proto Recv-Q Send-Q Local Address           Foreign Address         State      " + (options.Has("p") ? " PID/Program name    " : ""));
        var rows = SocketRow.Of(network, both || options.Has("t"), both || options.Has("u"));
        foreach (var row in rows.OrderBy(row => row.Protocol, StringComparer.Ordinal))
        {
            if (options.Has("a") || row.IsServer == options.Has("l"))
            {
                var line = $"{row.Protocol,-5} {row.Received,6} {0,6} {End(row.Local),-23} {End(row.Remote),-23} {States[row.State],-11}";
                c.WriteLine(options.Has("p") ? $"{line} -                   " : line);
            }
        }
        return ValueTask.FromResult(0);

        string End(IPEndPoint? end)
        {
            if (end is null)
            {
                return "0.0.0.0:*";
            }
            var name = options.Has("n") ? null : HostsFile.NameOf(c.Process, end.Address);
            return $"{name ?? end.Address.ToString()}:{end.Port}";
        }
    }
}
