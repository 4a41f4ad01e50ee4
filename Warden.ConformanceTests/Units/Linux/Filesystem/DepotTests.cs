using System.Runtime.Versioning;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

[SupportedOSPlatform("linux")]
public sealed class DepotTests : IDisposable
{
    private const string Id = "0123456789a";

    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public void AContainersDirectoryIsMadeFoundAndRemoved()
    {
        using var depot = Open();
        var directory = depot.Create(Id);

        Assert.Equal(_host["depot"] + "/" + Id, directory.Path);
        Assert.Equal("755", Mode(directory.Path));
        Assert.Equal("700", Mode(directory.Run));
        Assert.Equal("755", Mode(directory.Upper));
        Assert.True(Directory.Exists(directory.Work));
        Assert.True(depot.HasMarker(Id));
        Assert.Equal([Id], depot.Entries());
        Assert.Equal(directory.Path, depot.Find(Id)!.Path);

        depot.Remove(Id);
        depot.Remove(Id);
        Assert.Null(depot.Find(Id));
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot"]));
    }

    [SkippableFact]
    public void WhatIsNotOursIsLeftAlone()
    {
        using var depot = Open();
        Directory.CreateDirectory(_host["depot/" + Id]);
        Directory.CreateDirectory(_host["depot/photos"]);
        File.WriteAllText(_host["depot/photos/.warden-container"], "");
        depot.Remove(Id);
        depot.Remove("photos");
        depot.Remove("..");

        Assert.Equal([Id, "photos"], depot.Entries().Order(StringComparer.Ordinal));
        Assert.True(File.Exists(_host["depot/photos/.warden-container"]));
        Assert.False(depot.HasMarker("photos"));
        Assert.Throws<LinuxException>(() => depot.Create(Id));
        Assert.Throws<ArgumentException>(() => depot.Create("../elsewhere"));
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot/" + Id]));
    }

    [SkippableFact]
    public void SnapshotsAndCountersAreKept()
    {
        using (var depot = Open())
        {
            depot.Create(Id);
            Assert.Null(depot.ReadSnapshot(Id));
            depot.WriteSnapshot(Id, Encoding.UTF8.GetBytes("first, and longer"));
            depot.WriteSnapshot(Id, "second"u8.ToArray());
            depot.WriteSnapshot("00000000000", "of one that is gone"u8.ToArray());
            Assert.Equal(0UL, depot.ReadCounter("job_id"));
            depot.WriteCounter("job_id", ulong.MaxValue);
        }

        using var again = Open();
        Assert.Equal("second"u8.ToArray(), again.ReadSnapshot(Id));
        Assert.Equal(ulong.MaxValue, again.ReadCounter("job_id"));
        Assert.Equal([Id], again.Entries());
    }

    [SkippableFact]
    public void WhatAKilledServerHalfMadeOrHalfRemovedIsSweptAtTheNextStart()
    {
        Open().Dispose();
        Directory.CreateDirectory(_host[$"depot/.half-{Id}/tmp/rootfs"]);
        Directory.CreateDirectory(_host["depot/.half-of-mine"]);
        using var depot = Open();
        Assert.Equal([".half-of-mine"], Directory.GetFileSystemEntries(_host["depot"]).Select(Path.GetFileName));
    }

    [SkippableFact]
    public void LinksInAContainersDirectoryAreNotFollowed()
    {
        using var depot = Open();
        var directory = depot.Create(Id);
        _host.Make("outside");
        _host.Write("outside/file", "mine");
        File.CreateSymbolicLink(directory.Upper + "/link", _host["outside"]);
        File.CreateSymbolicLink(directory.Path + "/link", _host["outside/file"]);
        depot.Remove(Id);
        Assert.Equal("mine", File.ReadAllText(_host["outside/file"]));
    }

    [SkippableFact]
    public void AVeryDeepTreeIsRemoved()
    {
        Requirements.Programs("perl");
        using var depot = Open();
        var directory = depot.Create(Id);
        HostSystem.Run(
            "/usr/bin/perl", "-e", "chdir $ARGV[0]; for (1..6000) { mkdir 'd'; open my $f, '>', 'f'; chdir 'd' or die } print 'done'", directory.Upper);
        depot.Remove(Id);
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot"]));
    }

    [SkippableFact]
    public void ImmutableFilesAreRemovedToo()
    {
        Requirements.Programs("chattr");
        using var depot = Open();
        var directory = depot.Create(Id);
        Directory.CreateDirectory(directory.Upper + "/fixed");
        File.WriteAllText(directory.Upper + "/fixed/file", "");
        Directory.CreateDirectory(directory.Upper + "/fixed/empty");
        HostSystem.Run("/usr/bin/chattr", "-R", "+i", directory.Upper + "/fixed");
        Skip.IfNot(
            HostSystem.Run("lsattr", "-d", directory.Upper + "/fixed").Contains("i-", StringComparison.Ordinal), "the file system knows no such flag");
        depot.Remove(Id);
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot"]));
    }

    [SkippableFact]
    public void WhatIsMountedInAContainersDirectoryIsNotEmptied() => Machine.WithOwnMounts(() =>
    {
        using var depot = Open();
        var directory = depot.Create(Id);
        Directory.CreateDirectory(directory.Upper + "/mounted");
        Machine.Mount("none", directory.Upper + "/mounted", "tmpfs");
        File.WriteAllText(directory.Upper + "/mounted/file", "mine");

        var failure = Assert.Throws<LinuxException>(() => depot.Remove(Id));
        Assert.Contains($"{directory.Upper}/mounted", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(directory.Upper + "/mounted/file"));
        Assert.NotNull(depot.Find(Id));
    });

    [SkippableFact]
    public void WithoutQuotasALimitIsRefusedWithTheReason() => Machine.WithOwnMounts(() =>
    {
        _host.Make("depot");
        Machine.Mount("none", _host["depot"], "tmpfs");
        using var depot = Open();
        depot.Create(Id);
        Assert.False(depot.Quota.LimitsBytes);
        Assert.Contains("is not on btrfs", depot.Quota.WhyNot, StringComparison.Ordinal);
        depot.Quota.Limit(new DiskUser(Id, 10000), default);
        var failure = Assert.Throws<WardenException>(() => depot.Quota.Limit(new DiskUser(Id, 10000), new DiskLimits(0, 10, 0, 0)));
        Assert.Equal($"Cannot limit the disk: {depot.Quota.WhyNot}", failure.Message);
        Assert.Equal((null, null), depot.Quota.Measure(new DiskUser(Id, 10000)));
    });

    private static string Mode(string path) => HostSystem.Run("stat", "-c", "%a", path);

    private LinuxDepot Open()
    {
        Machine.NeedRoot();
        return LinuxDepot.Open(_host["depot"], quotaEnabled: true);
    }
}
