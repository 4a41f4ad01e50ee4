using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Warden.Linux.Commands;
using Warden.Spec;
using Warden.Spec.Client;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Commands;

[SupportedOSPlatform("linux")]
public sealed class ServeCommandTests : IDisposable
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeHost _host;

    public ServeCommandTests() => _host = new FakeHost(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_service_manager_and_standard_output_are_told_when_the_server_answers(bool abstractName)
    {
        OnLinux();
        var name = abstractName ? $"@warden-{Guid.NewGuid():N}" : _directory["notify.sock"];
        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(abstractName ? "\0" + name[1..] : name));
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();

        var serving = new ServeCommand(_host, new ServiceManager(name), output)
            .RunAsync(_host.File, socketPath: null, new IPEndPoint(IPAddress.Loopback, 0), stop.Token);
        Assert.Equal($"READY=1\nSTATUS=Serving on {_directory["w.sock"]}", await ReceiveAsync(listener));

        var ready = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.True(ready.GetProperty("ready").GetBoolean());
        Assert.Equal(_directory["w.sock"], ready.GetProperty("socket").GetString());
        Assert.Equal(Environment.ProcessId, ready.GetProperty("pid").GetInt32());
        await using (var client = new WardenClient(ready.GetProperty("tcp").GetString()!))
        {
            await client.PingAsync().WaitAsync(Deadline);
        }

        await stop.CancelAsync();
        Assert.Equal(0, await serving.WaitAsync(Deadline));
        Assert.Equal("STOPPING=1\nSTATUS=Draining", await ReceiveAsync(listener));
    }

    [SkippableFact]
    public async Task A_manager_that_is_not_there_keeps_nobody_from_serving()
    {
        OnLinux();
        await ServeAndStopAsync(new ServiceManager(_directory["nobody.sock"]));
        await ServeAndStopAsync(new ServiceManager(null));
        await ServeAndStopAsync(new ServiceManager(new string('x', 300)));
    }

    [SkippableFact]
    public async Task What_the_host_lacks_refuses_the_start()
    {
        OnLinux();
        _host.Obstacle = "no overlayfs here: modprobe overlay";
        var failure = await Assert.ThrowsAsync<WardenException>(() =>
            new ServeCommand(_host, new ServiceManager(null), TextWriter.Null).RunAsync(_host.File, null, null, default));
        Assert.Equal("no overlayfs here: modprobe overlay", failure.Message);
        Assert.Empty(_host.Backends);
    }

    [SkippableFact]
    public async Task Two_servers_do_not_share_a_depot()
    {
        OnLinux();
        using var stop = new CancellationTokenSource();
        using var output = new ReadyWriter();
        var serving = new ServeCommand(_host, new ServiceManager(null), output).RunAsync(_host.File, null, null, stop.Token);
        await output.Written.WaitAsync(Deadline);

        var failure = await Assert.ThrowsAsync<WardenException>(() => new ServeCommand(_host, new ServiceManager(null), TextWriter.Null)
            .RunAsync(_host.File, _directory["other.sock"], null, default));
        Assert.Equal($"another server works on the depot {_directory["depot"]}: stop it first", failure.Message);

        await stop.CancelAsync();
        await serving.WaitAsync(Deadline);
        await ServeAndStopAsync(new ServiceManager(null));
    }

    private static void OnLinux() => Skip.IfNot(OperatingSystem.IsLinux(), "the server of Linux");

    private async Task ServeAndStopAsync(ServiceManager manager)
    {
        using var stop = new CancellationTokenSource();
        using var output = new ReadyWriter();
        var serving = new ServeCommand(_host, manager, output).RunAsync(_host.File, null, null, stop.Token);
        await Task.WhenAny(output.Written, serving).WaitAsync(Deadline);
        await stop.CancelAsync();
        Assert.Equal(0, await serving.WaitAsync(Deadline));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[4096];
        using var deadline = new CancellationTokenSource(Deadline);
        var length = await socket.ReceiveAsync(buffer, deadline.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>Tells when the ready line was written.</summary>
    private sealed class ReadyWriter : StringWriter
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public override void Flush() => _written.TrySetResult();
    }
}
