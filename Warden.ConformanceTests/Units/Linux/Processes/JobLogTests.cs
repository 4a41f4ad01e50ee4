using System.Runtime.Versioning;
using Warden.Linux.Processes;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

[SupportedOSPlatform("linux")]
public sealed class JobLogTests
{
    [SkippableFact]
    public void The_end_is_found_behind_any_number_of_records()
    {
        using var log = Make();
        for (var i = 0; i < 5000; i++)
        {
            log.Write(OutputStream.Stdout, new byte[i % 70]);
        }

        log.Write(OutputStream.Stderr, new byte[65536]);
        log.Write(OutputStream.Stderr, new byte[65536]);
        log.WriteRaw(LogFile.EndRecord(1, 42, flags: 1));

        Assert.Equal(new JobEndRecord(1, 42, true), JobLog.ReadEnd(log.Path));
    }

    [SkippableFact]
    public void An_end_that_the_job_has_printed_is_none()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, LogFile.EndRecord(1, 0));

        Assert.Null(JobLog.ReadEnd(log.Path));
    }

    [SkippableFact]
    public void A_log_without_an_end_or_with_a_part_of_one_or_none_at_all_has_none()
    {
        using var log = Make();
        Assert.Null(JobLog.ReadEnd(log.Path));
        log.Write(OutputStream.Stdout, "text"u8);
        Assert.Null(JobLog.ReadEnd(log.Path));
        log.WriteRaw(LogFile.EndRecord(1, 0).AsSpan(0, 15));
        Assert.Null(JobLog.ReadEnd(log.Path));
        Assert.Null(JobLog.ReadEnd(log.Path + ".none"));
    }

    private static LogFile Make()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux alone has monitors.");
        return new LogFile();
    }
}
