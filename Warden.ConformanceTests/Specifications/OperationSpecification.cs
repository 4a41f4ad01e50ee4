using System.Net;
using System.Net.Sockets;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What operators rely on: health check, pidfile, sockets (§1, §6).</summary>
public abstract class OperationSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-HEALTH-001")]
    [Clause("WRD-HEALTH-002")]
    public async Task TheHealthCheckAnswersUntilTheServerEnds()
    {
        var port = FreePort.Next();
        await StartServerAsync($"health_check_server: {{ port: {port} }}");
        for (var round = 0; round < 3; round++)
        {
            foreach (var method in (string[])["GET", "HEAD"])
            {
                var answer = await AskAsync(port, method);
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
                Assert.Contains("\r\nContent-Length: 0\r\n", answer);
                Assert.EndsWith("\r\n\r\n", answer);
                Assert.Equal(answer.Length - 4, answer.IndexOf("\r\n\r\n", StringComparison.Ordinal));
            }
        }

        await Server.DrainAsync();
        await Deadline.UntilAsync("the health check is gone", async () =>
        {
            try
            {
                await AskAsync(port);
                return false;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                return true;
            }
        });
    }

    [SkippableFact]
    [Clause("WRD-PIDFILE-001")]
    [Clause("WRD-PIDFILE-002")]
    [Clause("WRD-PIDFILE-004")]
    public async Task ThePidfileHoldsTheProcessIdWhileTheServerRuns()
    {
        Need(ClauseNeeds.OwnConfiguration);
        Host.Write("pid", "2147483000\n");
        await StartServerAsync($"server: {{ pidfile: {Host["pid"]} }}");
        var expected = Server.ReportedProcessId ?? (Target is ExternalTarget ? null : Environment.ProcessId);
        var written = int.Parse((await File.ReadAllTextAsync(Host["pid"])).Trim());
        Assert.Equal(expected ?? written, written);

        await Server.DrainAsync();
        await Deadline.UntilAsync("the pidfile is gone", () => Task.FromResult(!File.Exists(Host["pid"])));
    }

    [SkippableFact]
    [Clause("WRD-PIDFILE-003")]
    public async Task ALivingProcessInThePidfileRefusesTheStart()
    {
        Need(ClauseNeeds.OwnConfiguration);

        // Another process than the server's own that lives for certain, on whatever host the server is: init, or where there is none one of ours.
        using var sleeper = System.Diagnostics.Process.Start(EmulatorExecutable.Prepare("serve", "--socket", "auto", "--supervised"))!;
        try
        {
            var living = OperatingSystem.IsLinux() ? 1 : sleeper.Id;
            Host.Write("pid", $"{living}\n");
            Assert.NotEqual("", await Target.RefuseAsync(new ServerOptions($"server: {{ pidfile: {Host["pid"]} }}")));
            Assert.Equal($"{living}\n", await File.ReadAllTextAsync(Host["pid"]));
        }
        finally
        {
            sleeper.StandardInput.Close();
            await sleeper.WaitForExitAsync();
        }
    }

    [SkippableFact]
    [Clause("WRD-PIDFILE-005")]
    [Clause("WRD-PIDFILE-006")]
    [Clause("WRD-SERVE-007")]
    public async Task AStaleSocketIsReplacedAndALiveOneRefusesTheStart()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        var path = Host["socket"];
        await using (var killed = await ServeProcess.StartAsync(Target, "serve", "--socket", path))
        {
            await killed.KillAsync();
        }

        Assert.True(File.Exists(path));

        // The sockets of a killed process are closed in the course of its end.
        await Deadline.UntilAsync("nothing accepts at the stale socket", async () =>
        {
            try
            {
                await using var late = await WireConnection.ConnectAsync(path);
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });
        await using var serve = await ServeProcess.StartAsync(Target, "serve", "--socket", path);
        Assert.Equal(path, serve.SocketPath);
        var (status, output, error) = await Target.Executable.RunAsync("", "serve", "--socket", path);
        Assert.NotEqual(0, status);
        Assert.Equal("", output);
        Assert.Contains(path, error, StringComparison.Ordinal);

        await using var connection = await WireConnection.ConnectAsync(path);
        await connection.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-SOCKET-003")]
    public async Task TheTcpListenerServesTheSameContainers()
    {
        await StartServerAsync("", tcp: true);
        Skip.If(Server.TcpEndPoint is null, "this target's TCP listener is not known");
        var (unix, handle) = await ConnectAndCreateAsync();
        var tcp = Own(await WireConnection.ConnectAsync(
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), Server.TcpEndPoint!));

        Assert.Equal([handle], (await tcp.CallAsync("List")).Texts("handles"));
        Assert.Equal("by tcp\n", await OutputAsync(tcp, handle, "echo by tcp"));
        await unix.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-SOCKET-002")]
    public async Task WithoutBeingAskedForThereIsNoTcpListener()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        Skip.IfNot(OperatingSystem.IsLinux(), "a process's sockets are looked up in /proc");
        await StartServerAsync();
        await (await ConnectAsync()).CallAsync("Ping");
        var process = $"/proc/{Server.ProcessId}";
        var sockets = Directory.GetFileSystemEntries($"{process}/fd")
            .Select(file => new FileInfo(file).LinkTarget ?? "")
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target["socket:[".Length..^1]).ToHashSet();

        // The health check is another thing: 127.0.0.1:2345 as proc(5) writes it.
        var tcp = ((string[])["tcp", "tcp6"]).SelectMany(name => File.ReadLines($"{process}/net/{name}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words[1] != "0100007F:0929")
            .Select(words => words[9]);

        Assert.DoesNotContain(tcp, sockets.Contains);
    }

    private async Task<string> AskAsync(int port, string method = "GET")
    {
        using var socket = Server.NewSocket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await Deadline.WithinAsync("the health check's answer", reader.ReadToEndAsync());
    }
}
