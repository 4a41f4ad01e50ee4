using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

public sealed class SyslogTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2013, 2, 3, 4, 5, 6, TimeSpan.Zero));

    [Fact]
    public void Lines_of_each_stream_go_out_whole_with_their_priority()
    {
        var sent = new List<string>();
        var lines = new SyslogLines("app\n", d => sent.Add(Encoding.Latin1.GetString(d)), Clock);
        lines.Write(OutputStream.Stdout, "one\ntw"u8);
        lines.Write(OutputStream.Stderr, "bad\n\n"u8);
        lines.Write(OutputStream.Stdout, "o\nrest"u8);
        lines.Complete();
        Assert.Equal(
            [
                "<14>Feb  3 04:05:06 warden.app_: one", "<11>Feb  3 04:05:06 warden.app_: bad", "<11>Feb  3 04:05:06 warden.app_: ",
                "<14>Feb  3 04:05:06 warden.app_: two", "<14>Feb  3 04:05:06 warden.app_: rest",
            ],
            sent);
    }

    [Fact]
    public void A_line_of_any_length_goes_out_in_pieces()
    {
        var sent = new List<byte[]>();
        var lines = new SyslogLines("t", sent.Add, Clock);
        var line = new byte[(SyslogLines.LongestLine * 3) + 5];
        Array.Fill(line, (byte)'x');
        lines.Write(OutputStream.Stdout, line);
        lines.Write(OutputStream.Stdout, "\n"u8);
        Assert.Equal(4, sent.Count);
        Assert.Equal(line.Length, sent.Sum(d => d.Count(b => b == 'x')));
    }

    [SkippableFact]
    public async Task Every_datagram_arrives_in_order_though_the_receiver_is_slow_and_restarts()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix datagram sockets");
        var directory = Directory.CreateTempSubdirectory("warden-syslog");
        try
        {
            var path = Path.Combine(directory.FullName, "log");
            await using var sender = new SyslogSender(path);
            for (var round = 0; round < 2; round++)
            {
                using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                receiver.Bind(new UnixDomainSocketEndPoint(path));
                receiver.ReceiveTimeout = (int)Support.Deadline.Default.TotalMilliseconds;
                for (var i = 0; i < 2000; i++)
                {
                    sender.Send(Encoding.ASCII.GetBytes($"{round}:{i}"));
                }

                var buffer = new byte[100];
                for (var i = 0; i < 2000; i++)
                {
                    Assert.Equal($"{round}:{i}", Encoding.ASCII.GetString(buffer, 0, receiver.Receive(buffer)));
                }

                receiver.Dispose();
                File.Delete(path);
            }

            Assert.Equal(0, sender.Dropped);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_receiver_nothing_blocks()
    {
        await using var sender = new SyslogSender(Path.Combine(Path.GetTempPath(), "no", "such", "socket"));
        for (var i = 0; i < 100; i++)
        {
            sender.Send([1]);
        }

        using var deadline = new CancellationTokenSource(Support.Deadline.Default);
        while (sender.Dropped < 100)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
