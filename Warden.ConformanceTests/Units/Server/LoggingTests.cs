using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Warden.Spec;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Logging;
using Warden.Spec.Server.Syslog;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

public sealed class LoggingTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2013, 2, 3, 4, 5, 6, 789, TimeSpan.Zero));

    [Fact]
    public void An_entry_is_one_line_whatever_it_holds_and_its_exception_follows_indented()
    {
        using var stream = new MemoryStream();
        using var log = new TextLog(stream, Clock);
        log.Write(LogLevel.Warning, "A.B", "one\ntwo", new InvalidOperationException("why"));
        Assert.Equal(
            "2013-02-03T04:05:06.789Z WARN  A.B: one\\x0atwo\n    System.InvalidOperationException: why\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData("off", LogLevel.None)]
    [InlineData("fatal", LogLevel.Critical)]
    [InlineData("error", LogLevel.Error)]
    [InlineData("warn", LogLevel.Warning)]
    [InlineData("info", LogLevel.Information)]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("debug1", LogLevel.Trace)]
    [InlineData("debug2", LogLevel.Trace)]
    [InlineData("all", LogLevel.Trace)]
    public void The_levels_of_the_file_are_known(string name, LogLevel level) => Assert.Equal(level, LogLevels.FromName(name));

    [Fact]
    public void A_file_takes_what_its_level_lets_through()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var factory = WardenLogging.CreateFactory(new LoggingSection { Level = "warn", File = path }, Clock))
            {
                var logger = factory.CreateLogger("C");
#pragma warning disable CA1848, CA2254 // What LoggerMessage would generate is not what is tested.
                logger.LogInformation("not this");
                logger.LogError("but this");
                logger.LogCritical("and this");
#pragma warning restore CA1848, CA2254
            }

            Assert.Equal(
                ["2013-02-03T04:05:06.789Z ERROR C: but this", "2013-02-03T04:05:06.789Z FATAL C: and this"], File.ReadAllLines(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_log_file_that_cannot_be_written_is_refused() =>
        Assert.Throws<WardenException>(() => WardenLogging.CreateFactory(new LoggingSection { File = "/no/such/directory/log" }));

    [SkippableFact]
    public async Task Syslog_takes_entries_under_the_tag()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix datagram sockets");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(path));
        receiver.ReceiveTimeout = 10_000;
        using (var log = new SyslogLog("vcap.warden", new SyslogSender(path), Clock))
        {
            log.Write(LogLevel.Error, "C", "a\nb", new IOException("disk"));
            var buffer = new byte[200];
            var length = await receiver.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None);
            Assert.Equal(
                $"<11>Feb  3 04:05:06 vcap.warden[{Environment.ProcessId}]: C: a b (IOException: disk)",
                Encoding.UTF8.GetString(buffer, 0, length));
        }

        File.Delete(path);
    }
}
