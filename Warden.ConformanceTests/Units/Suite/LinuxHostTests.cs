using System.Net;
using System.Net.Sockets;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Units.Suite;

/// <summary>The hosts that the Linux target makes for its servers.</summary>
public sealed class LinuxHostTests
{
    [SkippableFact]
    public async Task AHostHasANetworkOfItsOwnAndAWorldOutside()
    {
        Skip.If(LinuxEnvironment.Missing is not null, LinuxEnvironment.Missing);
        await using var host = await LinuxHost.StartAsync();
        await using var other = await LinuxHost.StartAsync();

        Assert.Equal(["ext0", "lo"], (await LinksAsync(host)).Order());
        // A ping may be lost.
        await Deadline.UntilAsync("a ping is answered", async () =>
            (await TargetExecutable.RunAsync(host.Enter("ping", "-c", "1", "-W", "2", "203.0.113.77"), "")).Output
                .Contains(" 0% packet loss", StringComparison.Ordinal));
        _ = host.Outside();
        using var socket = host.NewSocket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Parse("203.0.113.5"), 7);
        await socket.SendAsync(Encoding.ASCII.GetBytes("hello"));
        var buffer = new byte[5];
        await Deadline.WithinAsync("the echo", socket.ReceiveAsync(buffer));
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer));
        Assert.Equal("198.51.100.1", ((IPEndPoint)socket.LocalEndPoint!).Address.ToString());
    }

    [SkippableFact]
    public async Task FromOutsideTheHostIsReachedAtItsExternalAddress()
    {
        Skip.If(LinuxEnvironment.Missing is not null, LinuxEnvironment.Missing);
        await using var host = await LinuxHost.StartAsync();
        using var listener = host.NewSocket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, 5000));
        listener.Listen();
        using var outside = host.Outside().NewSocket(SocketType.Stream, ProtocolType.Tcp);
        await outside.ConnectAsync(IPAddress.Parse("198.51.100.1"), 5000).WaitAsync(Deadline.Default);
        using var accepted = await listener.AcceptAsync();

        Assert.Equal(LinuxServer.OutsideAddress, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
    }

    [SkippableFact]
    public async Task WhatIsLeftOnAHostIsFoundAndEndsWithIt()
    {
        Skip.If(LinuxEnvironment.Missing is not null, LinuxEnvironment.Missing);
        await using var host = await LinuxHost.StartAsync();
        Directory.CreateDirectory(host.PathOf(host.Depot));
        var before = await LinuxHostState.ReadAsync(host);
        Assert.Empty((await LinuxHostState.ReadAsync(host)).Since(before));

        await host.RunAsync("ip", "link", "add", "w-0123456789a-0", "type", "veth", "peer", "name", "w-0123456789a-1");
        await host.RunAsync("mount", "-t", "tmpfs", "left", "/mnt");
        await host.RunAsync("bash", "-c", "sleep 1000 > /dev/null 2>&1 < /dev/null & disown");
        Directory.CreateDirectory(host.PathOf($"{host.Depot}/0123456789a"));
        _ = host.Groups.CreateChild("warden").CreateChild("0123456789a");
        // The shell may have ended before what it has started runs.
        IReadOnlyList<string> left = [];
        await Deadline.UntilAsync(
            "the process runs", async () => (left = (await LinuxHostState.ReadAsync(host)).Since(before)).Contains("process sleep 1000"));

        Assert.Contains("interface w-0123456789a-0", left);
        Assert.Contains("mount /mnt", left);
        Assert.Contains("process sleep 1000", left);
        Assert.Contains($"file {host.Depot}/0123456789a", left);
        Assert.Contains(left, thing => thing.StartsWith("cgroup ", StringComparison.Ordinal));
        Assert.DoesNotContain("/mnt ", await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);

        var space = LinuxProcesses.NamespaceOf(host.Id);
        var processes = host.Processes().Select(process => process.Id).ToList();
        await host.DisposeAsync();
        Assert.Empty(host.Groups.Paths.Where(Directory.Exists));
        // The namespace's number may be another host's by now.
        Assert.Empty(processes.Where(process => LinuxProcesses.NamespaceOf(process) == space));
    }

    private static async Task<IEnumerable<string>> LinksAsync(LinuxHost host) =>
        (await host.RunAsync("ip", "-oneline", "link", "show")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(": ")[1].Split('@')[0]);
}
