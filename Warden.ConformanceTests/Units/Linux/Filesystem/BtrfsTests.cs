using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

[SupportedOSPlatform("linux")]
public sealed class BtrfsTests : IDisposable
{
    private const string Id = "0123456789a";
    private const string Other = "0123456789b";
    private static readonly DiskUser User = new(Id, 10000);

    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public void OverTheLimitAWriteFailsUntilSomethingIsDeleted() => WithImage(depot =>
    {
        var limited = depot.Create(Id);
        var free = depot.Create(Other);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));

        File.WriteAllBytes(limited.Upper + "/fits", new byte[2000000]);
        var failure = Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(limited.Upper + "/big", new byte[8000000]));
        Assert.Contains("Disk quota exceeded", failure.Message, StringComparison.Ordinal);
        File.WriteAllBytes(free.Upper + "/big", new byte[8000000]);

        File.Delete(limited.Upper + "/fits");
        File.Delete(limited.Upper + "/big");
        HostSystem.Run("sync", "-f", limited.Upper);
        File.WriteAllBytes(limited.Upper + "/again", new byte[3000000]);

        depot.Quota.Limit(User, default);
        File.WriteAllBytes(limited.Upper + "/big", new byte[8000000]);
    });

    [SkippableFact]
    public void WhatAContainerTakesIsMeasuredAtOnce() => WithImage(depot =>
    {
        var directory = depot.Create(Id);
        HostSystem.Run("sync", "-f", directory.Upper);
        var before = depot.Quota.Measure(User);
        File.WriteAllBytes(directory.Upper + "/big", new byte[3000000]);
        HostSystem.Run("truncate", "-s", "1", directory.Upper + "/small");
        HostSystem.Run("sync", directory.Upper + "/big");
        var at = depot.Quota.Measure(User);
        Assert.InRange(at.Bytes!.Value, before.Bytes!.Value + 3000000, before.Bytes.Value + 3100000);

        // Files are counted in what is on the disk.
        HostSystem.Run("sync", "-f", directory.Upper);
        var after = depot.Quota.Measure(User);
        Assert.Equal(before.Inodes + 2, after.Inodes);
        Assert.InRange(after.Bytes!.Value, before.Bytes.Value + 3000000, before.Bytes.Value + 3100000);
        Assert.Equal(after, depot.Quota.Measure(User));

        foreach (var index in Enumerable.Range(0, 3000))
        {
            File.WriteAllText($"{directory.Upper}/{index}", "");
        }

        HostSystem.Run("sync", "-f", directory.Upper);
        Assert.Equal(after.Inodes + 3000, depot.Quota.Measure(User).Inodes);
        File.Delete(directory.Upper + "/big");
        HostSystem.Run("sync", "-f", directory.Upper);
        Assert.True(depot.Quota.Measure(User).Bytes < after.Bytes);
    });

    [SkippableFact]
    public void ARemovedContainerLeavesNeitherSubvolumeNorGroup() => WithImage(depot =>
    {
        var directory = depot.Create(Id);
        File.WriteAllBytes(directory.Upper + "/file", new byte[100000]);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));
        depot.Remove(Id);
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot"]));
        Assert.Equal("", HostSystem.Run("btrfs", "subvolume", "list", _host["depot"]));

        // Which of the kernel's threads frees the subvolume, and when, is its affair; a transaction is what it waits for. Then the kernel
        // removes the group, or the next container that goes. The mount is this thread's own, so that this thread waits.
        var groups = Groups();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                HostSystem.Run("btrfs", "filesystem", "sync", _host["depot"]);
                depot.Quota.Release("another");
                return Directory.GetDirectories(groups, "0_*").Length == 1;
            },
            Deadline.Default * 2));
    });

    [SkippableFact]
    public void AnImageIsMadeOnceAndMountedAgain() => Machine.WithOwnMounts(() =>
    {
        Requirements.Programs("mkfs.btrfs");
        DepotImage.Ensure(_host["depot"], DepotImage.SmallestSize);
        using (var depot = LinuxDepot.Open(_host["depot"], quotaEnabled: true))
        {
            Assert.Null(depot.Quota.WhyNot);
            depot.Create(Id);
        }

        DepotImage.Ensure(_host["depot"], DepotImage.SmallestSize);
        Machine.WhenIdle(() => DepotImage.Unmount(_host["depot"]));
        Machine.WhenIdle(() => DepotImage.Unmount(_host["depot"]));
        Assert.Empty(Directory.GetFileSystemEntries(_host["depot"]));

        using (var depot = LinuxDepot.Open(_host["depot"], quotaEnabled: false))
        {
            Assert.NotNull(depot.Find(Id));
            Assert.Equal("disk limits are switched off by quota.disk_quota_enabled", depot.Quota.WhyNot);
            depot.Remove(Id);
            depot.Create(Other);
        }

        using (var depot = LinuxDepot.Open(_host["depot"], quotaEnabled: true))
        {
            Assert.Throws<WardenException>(() => depot.Quota.Limit(new DiskUser(Other, 10001), new DiskLimits(0, 4096, 0, 0)));
        }

        Machine.WhenIdle(() => DepotImage.Unmount(_host["depot"]));
        Directory.CreateDirectory(_host["full/photos"]);
        Assert.Throws<WardenException>(() => DepotImage.Ensure(_host["full"], DepotImage.SmallestSize));
    });

    [SkippableFact]
    public void AnImageIsAttachedOnceHoweverItIsNamed() => Machine.WithOwnMounts(() =>
    {
        Requirements.Programs("mkfs.btrfs");
        _host.Make("real");
        File.CreateSymbolicLink(_host["link"], _host["real"]);
        DepotImage.Ensure(_host["real/depot"], DepotImage.SmallestSize);
        DepotImage.Mount(_host["link/depot"]);
        Assert.Single(Devices());
        Directory.CreateDirectory(_host["real/depot/found"]);

        // The image is in use by another mount still: a second one shows the same file system.
        Directory.CreateDirectory(_host["kept"]);
        Machine.Move(_host["real/depot"], _host["kept"]);
        DepotImage.Mount(_host["real/depot"]);
        Assert.Single(Devices());
        Assert.True(Directory.Exists(_host["real/depot/found"]));
        Machine.WhenIdle(() => DepotImage.Unmount(_host["link/depot"]));
        Assert.False(Directory.Exists(_host["real/depot/found"]));

        string[] Devices() => [.. Directory.GetDirectories("/sys/block", "loop*").Where(loop => BackingFile(loop).StartsWith(_host.Path, StringComparison.Ordinal))];

        // Other tests' devices come and go.
        static string BackingFile(string loop)
        {
            try
            {
                return File.ReadAllText($"{loop}/loop/backing_file");
            }
            catch (IOException)
            {
                return "";
            }
        }
    });

    [SkippableFact]
    public void TheLimitHoldsThroughAUnion() => WithImage(depot =>
    {
        var directory = depot.Create(Id);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));
        _host.Make("lower");
        _host.Make("union");
        Machine.Mount("overlay", _host["union"], "overlay", $"lowerdir={_host["lower"]},upperdir={directory.Upper},workdir={directory.Work}");
        var failure = Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(_host["union/big"], new byte[8000000]));
        Assert.Contains("Disk quota exceeded", failure.Message, StringComparison.Ordinal);
        Machine.Unmount(_host["union"]);
    });

    // Others have file systems of their own on this machine: this one is what its loop device is part of.
    private string Groups()
    {
        var mount = File.ReadLines("/proc/thread-self/mountinfo").Select(line => line.Split(' ')).Last(words => words[4] == _host["depot"]);
        var device = Path.GetFileName(mount[Array.IndexOf(mount, "-") + 2]);
        return Directory.GetDirectories("/sys/fs/btrfs").Single(system => Directory.Exists($"{system}/devices/{device}")) + "/qgroups";
    }

    private void WithImage(Action<LinuxDepot> test) => Machine.WithOwnMounts(() =>
    {
        Requirements.Programs("mkfs.btrfs");
        DepotImage.Ensure(_host["depot"], 512 << 20);
        using (var depot = LinuxDepot.Open(_host["depot"], quotaEnabled: true))
        {
            Assert.Null(depot.Quota.WhyNot);
            test(depot);
        }

        Machine.WhenIdle(() => DepotImage.Unmount(_host["depot"]));
    });
}
