namespace Warden.Emulator.Programs;

/// <summary>ifconfig(8): shows interfaces.</summary>
internal sealed class Ifconfig() : GnuProgram("ifconfig", "/usr/sbin")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var wanted = c.Arguments.FirstOrDefault(argument => !argument.StartsWith('-'));
        var interfaces = c.Process.Container.Network.Interfaces;
        if (wanted is not null && !interfaces.Any(one => one.Name == wanted))
        {
            c.WarnRaw($"{wanted}: error fetching interface information: Device not found\n");
            return ValueTask.FromResult(1);
        }
        if (c.Arguments.Count(argument => !argument.StartsWith('-')) > 1)
        {
            c.WarnRaw("SIOCSIFFLAGS: Operation not permitted\n");
            return ValueTask.FromResult(255);
        }
        var isShort = c.Arguments.Contains("-s");
        if (isShort)
        {
            c.WriteLine("Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg");
        }
        foreach (var one in interfaces)
        {
            if (wanted is not null && one.Name != wanted)
            {
                continue;
            }
            var loopback = Interfaces.IsLoopback(one);
            if (isShort)
            {
                c.WriteLine($"{one.Name,-15} {one.Mtu,5}        0      0      0 0             0      0      0      0 {(loopback ? "LRU" : "BMRU")}");
                continue;
            }
            c.WriteLine($"{one.Name}: flags={(loopback ? "73<UP,LOOPBACK,RUNNING>" : "4163<UP,BROADCAST,RUNNING,MULTICAST>")}  mtu {one.Mtu}");
            c.WriteLine($"        inet {one.Address}  netmask {Interfaces.Mask(one)}{(loopback ? "" : $"  broadcast {Interfaces.Broadcast(one)}")}");
            c.WriteLine(loopback ? "        loop  txqueuelen 1000  (Local Loopback)" : $"        ether {Interfaces.HardwareAddress(one)}  txqueuelen 1000  (Ethernet)");
            c.Write(
                "        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n"
                + "        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n");
        }
        return ValueTask.FromResult(0);
    }
}
