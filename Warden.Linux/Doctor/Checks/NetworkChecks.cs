using Warden.Linux.Networking;
using Warden.Linux.Networking.Interop;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Doctor.Checks;

/// <summary>Interfaces, firewall and token buckets, tried in a network namespace of the check's own.</summary>
internal static class NetworkChecks
{
    private const string Area = "network";
    private const string Forwarding = "/proc/sys/net/ipv4/ip_forward";
    private const string NoContainer = "no container is made";
    private const string NoBandwidth = "LimitBandwidth is refused";

    // An interface that every network namespace is born with.
    private const int Loopback = 1;

    public static IEnumerable<HostCheck> Make(WardenConfiguration configuration) =>
    [
        Sandboxed("veth", needed: true, NoContainer, "modprobe veth", () => Execute(batch =>
            RouteMessages.AddVeth(batch, "w-doctor-0", "w-doctor-1", OwnThread(), configuration.Network.Mtu))),
        Sandboxed("nf_tables", needed: true, NoContainer, "modprobe nf_tables, and nft_chain_nat, nft_ct, nft_nat, nft_masq, nft_reject_inet, nft_log", () =>
        {
            using var socket = NetlinkSocket.Open(NetlinkSocket.Netfilter);
            Firewall.Start(socket, configuration.ToBackendSettings());
        }),
        new(Area, "IPv4 forwarding", Needed: true, "containers reach nothing but this host", "sysctl -w net.ipv4.ip_forward=1", FindForwarding),
        Sandboxed("token buckets (tbf)", needed: false, NoBandwidth, "modprobe sch_tbf", () => Execute(batch =>
            TrafficMessages.SetBucket(batch, Loopback, rate: 1 << 20, burst: 1 << 16, queue: 1 << 20, "lo"))),
        Sandboxed("ifb and redirection", needed: false, NoBandwidth, "modprobe ifb, and sch_ingress, cls_u32, act_mirred", () => Execute(batch =>
        {
            RouteMessages.AddIfb(batch, "w-doctor-i", configuration.Network.Mtu);
            TrafficMessages.AddIngress(batch, Loopback, "lo");
            TrafficMessages.RedirectAll(batch, Loopback, Loopback, "lo");
        })),
        new(
            Area, "kernel log of the firewall", Needed: false, "NetOut with log opens and logs nothing", "sysctl -w net.netfilter.nf_log_all_netns=1 on the outer host",
            // This file is in the root network namespace alone.
            () => File.Exists("/proc/sys/net/netfilter/nf_log_all_netns")
                ? Finding.Have("this is the root network namespace")
                : Finding.Lack("this is not the root network namespace")),
    ];

    private static Finding FindForwarding()
    {
        if (File.ReadAllText(Forwarding).Trim() != "0")
        {
            return Finding.Have("it is on");
        }

        using var file = File.OpenWrite(Forwarding);
        return Finding.Have("the server turns it on");
    }

    private static HostCheck Sandboxed(string name, bool needed, string without, string mend, Action action) => new(
        Area, name, needed, without, mend, () =>
        {
            action();
            return Finding.Have("tried");
        })
    {
        InSandbox = true,
    };

    private static void Execute(Action<NetlinkBatch> write)
    {
        using var socket = NetlinkSocket.Open(NetlinkSocket.Route);
        var batch = new NetlinkBatch();
        write(batch);
        socket.Execute(batch);
    }

    /// <summary>The calling thread's id, whose network namespace is not that of its process; the link reads PID/task/TID.</summary>
    private static int OwnThread() => int.Parse(Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget)!);
}
