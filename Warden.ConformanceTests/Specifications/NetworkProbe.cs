using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Asks whether one container reaches another, by nc and ping in both.</summary>
internal sealed class NetworkProbe(WireConnection connection, string client, string server, string address)
{
    /// <summary>Two containers of which the first asks and the second answers.</summary>
    public static async Task<NetworkProbe> BetweenAsync(WireConnection connection, string client, string server)
    {
        var info = await connection.CallAsync("Info", ("handle", server));
        return new NetworkProbe(connection, client, server, info.Text("container_ip"));
    }

    /// <summary>The address that is asked.</summary>
    public string Address => address;

    /// <summary>Listens for TCP in the server's container, again after each connection, and returns when the port is open.</summary>
    public async Task ListenAsync(int port)
    {
        await SpawnAsync(server, $"while :; do nc -l -p {port} > /dev/null 2>&1 < /dev/null; done");
        await Deadline.UntilAsync($"{server} listens on {port}", () => ConnectsAsync(server, "127.0.0.1", port));
    }

    /// <summary>Keeps the first datagrams that come to a port in a file.</summary>
    public Task ListenForDatagramsAsync(int port) => SpawnAsync(server, $"nc -u -l -p {port} > /tmp/datagrams.{port} 2> /dev/null");

    /// <summary>The client must get through; a listener between two connections is given time.</summary>
    public Task ExpectReachedAsync(int port) =>
        Deadline.UntilAsync($"{client} reaches {address}:{port}", () => ConnectsAsync(client, address, port));

    /// <summary>The client must be refused, each time.</summary>
    public async Task ExpectRefusedAsync(int port)
    {
        for (var round = 0; round < 3; round++)
        {
            Assert.False(await ConnectsAsync(client, address, port), $"{client} reached {address}:{port}");
        }
    }

    /// <summary>
    /// The client must be refused, and not left waiting for an answer: a try lasts as long as a test waits for anything, which is far longer than
    /// any machine takes to begin one.
    /// </summary>
    public async Task ExpectRefusedAtOnceAsync(int port)
    {
        var watch = Stopwatch.StartNew();
        Assert.False(await ConnectsAsync(client, address, port, Deadline.Default), $"{client} reached {address}:{port}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Deadline.Default);
    }

    /// <summary>Sends datagrams until one has arrived.</summary>
    public Task ExpectDatagramsAsync(int port) => Deadline.UntilAsync($"a datagram reaches {address}:{port}", async () =>
    {
        await SendDatagramAsync(port);
        return await HasDatagramsAsync(port);
    });

    /// <summary>Sends datagrams, none of which may arrive. Judge with <see cref="ExpectDatagramsAsync"/> that the listener was there.</summary>
    public async Task ExpectNoDatagramsAsync(int port)
    {
        for (var round = 0; round < 3; round++)
        {
            await SendDatagramAsync(port);
        }

        Assert.False(await HasDatagramsAsync(port), $"a datagram reached {address}:{port}");
    }

    /// <summary>Pings until one is answered: the first may be lost on an interface that is just coming up.</summary>
    public Task ExpectPingsAsync() => Deadline.UntilAsync($"a ping of {address} is answered", PingsAsync);

    public async Task<bool> PingsAsync() => (await RunAsync(client, $"ping -c 1 -W 1 {address}")).Status == 0;

    private async Task<bool> HasDatagramsAsync(int port) => (await RunAsync(server, $"test -s /tmp/datagrams.{port}")).Status == 0;

    private Task SendDatagramAsync(int port) => RunAsync(client, $"echo through | nc -u -w 1 {address} {port}");

    private Task<bool> ConnectsAsync(string from, string to, int port) => ConnectsAsync(from, to, port, TimeSpan.FromSeconds(2));

    private async Task<bool> ConnectsAsync(string from, string to, int port, TimeSpan within) =>
        (await RunAsync(from, $"nc -z -w {(int)within.TotalSeconds} {to} {port}")).Status == 0;

    private async Task<JobResult> RunAsync(string handle, string script) =>
        new(await connection.CallAsync("Run", ("handle", handle), ("script", script)));

    private Task SpawnAsync(string handle, string script) => connection.CallAsync("Spawn", ("handle", handle), ("script", script));
}
