using System.Net.Sockets;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Lines of tagged jobs in syslog (§4).</summary>
public abstract class LogTagSpecification(Target target) : Specification(target)
{
    private Socket? _syslog;

    public override Task DisposeAsync()
    {
        _syslog?.Dispose();
        return base.DisposeAsync();
    }

    [SkippableFact]
    [Clause("WRD-TAG-001")]
    [Clause("WRD-TAG-002")]
    public async Task EveryLineOfATaggedJobGoesToSyslog()
    {
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "echo one; echo two; echo bad >&2; printf last", ("log_tag", "app"));
        Assert.Equal(("one\ntwo\nlast", "bad\n"), (result.Output, result.Error));

        var lines = await ReceiveAsync(4);
        Assert.Equal(
            ["bad", "last", "one", "two"], lines.Select(TextOf).Order());
        Assert.All(lines, line => Assert.StartsWith(line.Contains("bad", StringComparison.Ordinal) ? "<11>" : "<14>", line));
    }

    [SkippableFact]
    [Clause("WRD-TAG-007")]
    public async Task What_the_background_prints_after_the_end_goes_to_syslog()
    {
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(
            connection, handle, "(until [ -e /tmp/go ]; do sleep 0.02; done; echo later) & echo early", ("log_tag", "app"));
        Assert.Equal("early\n", result.Output);

        await OutputAsync(connection, handle, "touch /tmp/go");
        Assert.Equal(["early", "later"], (await ReceiveAsync(2)).Select(TextOf));
    }

    [SkippableFact]
    [Clause("WRD-TAG-006")]
    public async Task ALongLineComesInPieces()
    {
        const int Length = 30000;
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var running = RunAsync(connection, handle, $"head -c {Length} /dev/zero | tr '\\0' x; echo; echo after", ("log_tag", "app"));

        // A receiver that reads nothing meanwhile holds few datagrams (unix(7), max_dgram_qlen).
        var whole = new StringBuilder();
        string piece;
        while ((piece = TextOf((await ReceiveAsync(1))[0])) != "after")
        {
            Assert.NotEqual("", piece);
            whole.Append(piece);
        }

        await running;
        Assert.Equal(new string('x', Length), whole.ToString());
    }

    [SkippableFact]
    [Clause("WRD-TAG-003")]
    public async Task DiscardedOutputGoesToSyslogToo()
    {
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "echo dropped", ("log_tag", "app"), ("discard_output", true));

        Assert.Equal("", result.Output);
        Assert.Contains("warden.app: dropped", (await ReceiveAsync(1))[0], StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-TAG-005")]
    public async Task AJobWithoutATagSendsNothing()
    {
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await RunAsync(connection, handle, "echo quiet; echo quiet >&2");
        await RunAsync(connection, handle, "echo told", ("log_tag", "app"));

        Assert.Contains("told", (await ReceiveAsync(1))[0], StringComparison.Ordinal);
    }

    [SkippableTheory]
    [Clause("WRD-TAG-004")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LinesGoOnAfterARestart(bool crash)
    {
        await StartWithSyslogAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await SpawnAsync(connection, handle, "echo before; while ! test -e /tmp/go; do sleep 0.02; done; echo after", ("log_tag", "app"));
        Assert.Contains("before", (await ReceiveAsync(1))[0], StringComparison.Ordinal);
        await Server.RestartAsync(crash);
        await OutputAsync(await ConnectAsync(), handle, "touch /tmp/go");

        Assert.Contains("warden.app: after", (await ReceiveAsync(1))[0], StringComparison.Ordinal);
    }

    private static string TextOf(string datagram) =>
        datagram[(datagram.IndexOf("warden.app: ", StringComparison.Ordinal) + 12)..].TrimEnd('\n', '\0');

    private async Task StartWithSyslogAsync()
    {
        Need(ClauseNeeds.OwnConfiguration);
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix datagram sockets");
        _syslog = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _syslog.Bind(new UnixDomainSocketEndPoint(Host["log"]));
        await StartServerAsync($"server: {{ syslog_socket: {Host["log"]} }}");
    }

    private async Task<IReadOnlyList<string>> ReceiveAsync(int count)
    {
        var lines = new List<string>();
        var buffer = new byte[65536];
        using var deadline = new CancellationTokenSource(Deadline.Default);
        while (lines.Count < count)
        {
            var length = await _syslog!.ReceiveAsync(buffer, SocketFlags.None, deadline.Token);
            lines.Add(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return lines;
    }
}
