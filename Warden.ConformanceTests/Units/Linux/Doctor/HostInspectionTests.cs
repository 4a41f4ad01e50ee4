using System.Net.NetworkInformation;
using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Doctor;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;
using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Units.Linux.Doctor;

[SupportedOSPlatform("linux")]
public sealed class HostInspectionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ITestOutputHelper _output;
    private WardenConfiguration _configuration;

    public HostInspectionTests(ITestOutputHelper output)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux is looked at");
        _output = output;
        _directory.Make("depot");
        _directory.Make("rootfs");
        _directory.Make("rootfs/usr");
        _directory.Make("rootfs/usr/bin");
        _directory.Write("rootfs/usr/bin/bash", "");
        // An absolute link, which leads into the root filesystem and not into the host's.
        Directory.CreateSymbolicLink(_directory["rootfs/bin"], "/usr/bin");
        _directory.Write("helper", "program");
        _configuration = new() { Server = new() { DepotPath = _directory["depot"], RootfsPath = _directory["rootfs"] } };
    }

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void The_whole_inspection_tells_of_everything_and_leaves_no_trace()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root tries what containers need");

        var report = Inspect();

        _output.WriteLine(ReportText.Write(report));
        Assert.All(report.Features, feature => Assert.NotEmpty(feature.Text));
        Assert.Equal(report.Features.Count, report.Features.Select(feature => feature.Name).Distinct().Count());
        foreach (var name in new[] { "root", "helper", "root filesystem", "depot", "uids", "ports" })
        {
            Assert.Equal(FeatureState.Have, Find(report, name).State);
        }

        Assert.Equal(FeatureState.NotNeeded, Find(report, "hooks").State);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory["depot"]));
        Assert.DoesNotContain(File.ReadAllLines("/proc/self/mountinfo"), line => line.Contains(_directory.Path, StringComparison.Ordinal));
        Assert.DoesNotContain(NetworkInterface.GetAllNetworkInterfaces(), link => link.Name.StartsWith("w-doctor", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void What_keeps_a_server_from_starting_is_what_the_report_names()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root tries what containers need");

        Assert.Equal(Inspect().Obstacle, HostInspection.FindObstacle(_configuration, Options()));
    }

    [SkippableFact]
    public void Another_user_than_root_is_told_to_be_root()
    {
        Skip.If(Environment.IsPrivilegedProcess, "this is root");

        Assert.Equal("root: this process is not root's; run it as root: sudo warden …", HostInspection.FindObstacle(_configuration, Options()));
        Assert.False(Inspect().CanServe);
    }

    [SkippableFact]
    public void A_root_filesystem_that_is_missing_or_empty_is_named()
    {
        Configure(server => server with { RootfsPath = _directory["nowhere"] });
        Assert.Equal($"there is no directory {_directory["nowhere"]}", Find(Inspect(), "root filesystem").Text);

        Configure(server => server with { RootfsPath = _directory["depot"] });
        Assert.Equal($"{_directory["depot"]} has no /bin/bash", Find(Inspect(), "root filesystem").Text);

        Configure(server => server with { RootfsPath = null });
        Assert.Equal(FeatureState.NotNeeded, Find(Inspect(), "root filesystem").State);
    }

    [SkippableFact]
    public void A_helper_that_is_missing_is_named_with_what_builds_it()
    {
        var helper = Find(HostInspection.Run(_configuration, Options() with { HelperPath = _directory["nowhere"] }), "helper");

        Assert.True(helper.IsObstacle);
        Assert.Contains(_directory["nowhere"], helper.Text, StringComparison.Ordinal);
        Assert.Contains("C compiler", helper.Mend, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Pools_that_meet_the_hosts_users_or_are_too_small_are_named()
    {
        _configuration = _configuration with { User = new() { StartUid = 990, Size = 20 }, Port = new() { StartPort = 61000, Size = 10 } };

        Assert.Equal("of the uids 990 to 1009, /etc/passwd has 1000", Find(Inspect(), "uids").Text);
        Assert.Equal("61000 to 61009 are fewer than 1000", Find(Inspect(), "ports").Text);
    }

    [SkippableFact]
    public void Disk_limits_are_what_the_depot_offers()
    {
        var options = Options() with { FindDiskLimits = _ => new DiskLimitsFinding(Bytes: false, Inodes: false, "it is not on btrfs") };
        Assert.Equal("it is not on btrfs", Find(HostInspection.Run(_configuration, options), "disk limits").Text);

        options = Options() with { FindDiskLimits = _ => new DiskLimitsFinding(Bytes: true, Inodes: true, null) };
        Assert.Equal(FeatureState.Have, Find(HostInspection.Run(_configuration, options), "disk limits of inodes").State);

        Configure(server => server with { DiskQuotaEnabled = false });
        Assert.Equal(FeatureState.NotNeeded, Find(Inspect(), "disk limits").State);
    }

    private void Configure(Func<ServerSection, ServerSection> change) => _configuration = _configuration with { Server = change(_configuration.Server) };

    private HostReport Inspect() => HostInspection.Run(_configuration, Options());

    private InspectionOptions Options() => new() { Facts = new Facts(), HelperPath = _directory["helper"] };

    private static Feature Find(HostReport report, string name) => Assert.Single(report.Features, feature => feature.Name == name);

    private sealed class Facts : IHostFacts
    {
        public IReadOnlyCollection<uint> UserIds => [0, 1000, 65534];

        public int FirstFreePort => 61000;
    }
}
