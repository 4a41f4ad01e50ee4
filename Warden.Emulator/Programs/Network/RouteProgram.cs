using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>route(8): shows the routing table.</summary>
internal sealed class RouteProgram() : GnuProgram("route", "/usr/sbin")
{
    /// <summary>Writes the table, with the columns of route or of netstat -r.</summary>
    public static void WriteTable(Invocation c, NetworkStack network, bool numeric, bool netstat)
    {
        c.WriteLine("Kernel IP routing table");
        c.WriteLine(netstat
            ? "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface"
            : "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface");
        if (network.Gateway is { } gateway)
        {
            Row(numeric ? "0.0.0.0" : "default", gateway.ToString(), "0.0.0.0", "UG", network.Interfaces[^1].Name);
        }
        foreach (var one in network.Interfaces)
        {
            if (!Interfaces.IsLoopback(one))
            {
                Row(Interfaces.NetworkAddress(one).ToString(), "0.0.0.0", Interfaces.Mask(one).ToString(), "U", one.Name);
            }
        }

        void Row(string destination, string via, string mask, string flags, string device) => c.WriteLine(netstat
            ? $"{destination,-15} {via,-15} {mask,-15} {flags,-7}   0 0          0 {device}"
            : $"{destination,-15} {via,-15} {mask,-15} {flags,-5} 0      0        0 {device}");
    }

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        if (c.Arguments.Any(argument => argument is "add" or "del"))
        {
            c.WarnRaw("SIOCADDRT: Operation not permitted\n");
            return ValueTask.FromResult(7);
        }
        WriteTable(c, c.Process.Container.Network, c.Arguments.Any(argument => argument.StartsWith('-') && argument.Contains('n', StringComparison.Ordinal)), false);
        return ValueTask.FromResult(0);
    }
}
