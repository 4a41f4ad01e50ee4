using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Warden.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>The messages, byte by byte from native/protocol.h.</summary>
[SupportedOSPlatform("linux")]
public sealed class MonitorProtocolTests
{
    [SkippableFact]
    public void A_start_is_keys_and_values()
    {
        SkipElsewhere();
        var text = Encoding.UTF8.GetString(StartMessages.Start(Start() with
        {
            LowerUserId = 1000,
            Hooks = "/etc/warden/hooks",
            AllowNestedWarden = true,
            BindMounts = [new("/a", "/b", true), new("/c", "/d", false)],
        }));
        Assert.Equal(
            "version|1|id|0123456789a|path|/d/0123456789a|run_dir|/d/0123456789a/run|lower|/r|upper|/u|work|/w|lower_uid|1000|uid|10000"
            + "|interface|w-0123456789a-1|address|10.254.0.2|gateway|10.254.0.1|prefix|30|mtu|1500|console_log|/c.log|console_max|1048576"
            + "|hooks|/etc/warden/hooks|no_new_privs|1|nested|1|bind_source|/a|bind_target|/b|bind_mode|rw|bind_source|/c|bind_target|/d"
            + "|bind_mode|ro|",
            text.Replace('\0', '|'));
    }

    [SkippableFact]
    public void A_value_with_a_NUL_is_refused()
    {
        SkipElsewhere();
        var start = Start() with { BindMounts = [new("/a\0uid\00", "/b", true)] };
        Assert.Throws<WardenException>(() => StartMessages.Start(start));
    }

    [SkippableFact]
    public void A_jobs_start_has_its_limits_in_order_and_its_strings_behind()
    {
        SkipElsewhere();
        var body = StartMessages.JobStart(
            new JobSpec
            {
                Id = 0x01020304,
                Script = new byte[3],
                Limits = ResourceLimitSet.Default,
                Language = "C",
                Privileged = true,
                LogTag = "a\nb",
                OutputLimit = 5,
            },
            "/s");
        Assert.Equal([4, 3, 2, 1, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], body[..16]);
        var limits = Enumerable.Range(0, 15).Select(i => BitConverter.ToUInt64(body, 16 + (8 * i))).ToArray();
        Assert.Equal(Enum.GetValues<ResourceLimit>().Select(limit => ResourceLimitSet.Default[limit]), limits);
        Assert.Equal([1u, 3u, 2u, 3u], Enumerable.Range(0, 4).Select(i => BitConverter.ToUInt32(body, 136 + (4 * i))));
        Assert.Equal("Ca_b/s", Encoding.UTF8.GetString(body[152..]));
    }

    [SkippableFact]
    public void A_job_without_a_limit_or_a_tag_says_so()
    {
        SkipElsewhere();
        var spec = new JobSpec { Id = 1, Script = default, Limits = ResourceLimitSet.Default, Language = "", DiscardOutput = true };
        var body = StartMessages.JobStart(spec, null);
        Assert.Equal(2u, BitConverter.ToUInt32(body, 4));
        Assert.Equal(-1, BitConverter.ToInt64(body, 8));
        Assert.Equal(0u, BitConverter.ToUInt32(body, 140));
        Assert.Equal("/dev/log", Encoding.UTF8.GetString(body[152..]));
    }

    [SkippableFact]
    public void What_the_monitor_would_not_take_is_refused()
    {
        SkipElsewhere();
        var spec = new JobSpec { Id = 1, Script = default, Limits = ResourceLimitSet.Default, Language = "C" };
        Assert.Throws<WardenException>(() => StartMessages.JobStart(spec with { Script = new byte[(64 << 20) + 1] }, null));
        Assert.Throws<WardenException>(() => StartMessages.JobStart(spec with { Language = new string('x', 4097) }, null));
        Assert.Throws<WardenException>(() => StartMessages.JobStart(spec with { LogTag = new string('x', 60 << 10) }, null));
    }

    [SkippableFact]
    public void A_step_that_failed_reads_as_one_sentence()
    {
        SkipElsewhere();
        var failure = new MonitorFailure(28, "parent-before-clone", "/x", "mount the union of the root filesystem");
        Assert.Equal(
            "Cannot mount the union of the root filesystem on /x (parent-before-clone): No space left on device",
            failure.OfStart().Message);
    }

    [SkippableTheory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255 })]
    public void A_failure_of_another_length_than_it_says_is_none(byte[] body)
    {
        SkipElsewhere();
        Assert.Throws<InvalidDataException>(() => MonitorFailure.Decode(new(MessageType.Failed, 1, body)));
    }

    private static void SkipElsewhere() => Skip.IfNot(OperatingSystem.IsLinux(), "Linux alone has monitors.");

    private static ContainerStart Start() => new()
    {
        Id = "0123456789a",
        Path = "/d/0123456789a",
        RunDirectory = "/d/0123456789a/run",
        Lower = "/r",
        Upper = "/u",
        Work = "/w",
        UserId = 10000,
        Interface = "w-0123456789a-1",
        Address = IPAddress.Parse("10.254.0.2"),
        Gateway = IPAddress.Parse("10.254.0.1"),
        PrefixLength = 30,
        Mtu = 1500,
        ConsoleLog = "/c.log",
        ConsoleMaxBytes = 1 << 20,
        NoNewPrivileges = true,
        AllowNestedWarden = false,
        BindMounts = [],
    };
}
