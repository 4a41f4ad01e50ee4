using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Linux.Filesystem.Interop;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

/// <summary>Limits by quotactl(2), on file systems in images: they run where the kernel has quotas, as those of ci/vm do.</summary>
[SupportedOSPlatform("linux")]
public sealed class UserQuotaTests : IDisposable
{
    private const string Id = "0123456789a";
    private const string Other = "0123456789b";
    private const uint UserId = 10000;
    private const string Exceeded = "Disk quota exceeded";

    private static readonly DiskUser User = new(Id, UserId);

    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void OverTheHardLimitTheUsersWritesFailAndRootsDoNot(string kind) => QuotaDisk.With(kind, _host, (_, depot) =>
    {
        var home = Begin(depot, User);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 2000000 /dev/zero > {home}/fits"));
        Assert.Contains(Exceeded, QuotaDisk.As(UserId, $"head -c 8000000 /dev/zero > {home}/big"), StringComparison.Ordinal);
        Assert.Equal("", QuotaDisk.As(UserId + 1, $"head -c 8000000 /dev/zero > {home}/of-another"));
        File.WriteAllBytes(home + "/of-root", new byte[8000000]);

        Assert.Equal("", QuotaDisk.As(UserId, $"rm {home}/big {home}/fits; head -c 3000000 /dev/zero > {home}/again"));
        depot.Quota.Limit(User, default);
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 8000000 /dev/zero > {home}/big"));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void OverTheHardLimitNoFileIsMade(string kind) => QuotaDisk.With(kind, _host, (_, depot) =>
    {
        var home = Begin(depot, User);
        var used = depot.Quota.Measure(User).Inodes!.Value;
        depot.Quota.Limit(User, new DiskLimits(0, 0, 0, used + 3));
        Assert.Contains(Exceeded, QuotaDisk.As(UserId, $"cd {home} && touch 1 2 3 4"), StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], Directory.GetFiles(home).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Xfs)]
    public void OverTheSoftLimitsWritesFailAfterTheTimeOfGrace(string kind) => QuotaDisk.With(kind, _host, (disk, depot) =>
    {
        Grace(disk, 1);
        var home = Begin(depot, User);
        var used = depot.Quota.Measure(User).Inodes!.Value;
        depot.Quota.Limit(User, new DiskLimits(1024, 1 << 20, used + 2, 1000));
        var said = "";
        Assert.True(
            SpinWait.SpinUntil(
                () => (said = QuotaDisk.As(UserId, $"rm -f {home}/over; head -c 2000000 /dev/zero > {home}/over")).Length == 0, Deadline.Default),
            $"no write over the soft limit ends within the time of grace; the last one said '{said}'");
        AwaitExceeded($"head -c 100000 /dev/zero >> {home}/over");

        QuotaDisk.As(UserId, $"rm {home}/over; touch {home}/1 {home}/2 {home}/3");
        AwaitExceeded($"touch {home}/$RANDOM-$RANDOM-$RANDOM");

        // With the default, a week, it is only counted that the limit is passed; what is less again may be passed again.
        Grace(disk, 7 * 24 * 3600);
        Assert.Equal("", QuotaDisk.As(UserId, $"rm {home}/*; head -c 2000000 /dev/zero > {home}/over; head -c 100000 /dev/zero >> {home}/over"));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void WhatTheUserTakesIsMeasuredAtOnce(string kind) => QuotaDisk.With(kind, _host, (_, depot) =>
    {
        var home = Begin(depot, User);
        var before = depot.Quota.Measure(User);
        File.WriteAllBytes(home + "/of-root", new byte[1000000]);
        Assert.Equal(before, depot.Quota.Measure(User));
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 3000000 /dev/zero > {home}/big; echo x > {home}/small"));
        var after = depot.Quota.Measure(User);
        Assert.Equal(before.Inodes + 2, after.Inodes);

        // XFS lays out more than is written while a file is open.
        Assert.InRange(after.Bytes!.Value, before.Bytes!.Value + 3000000, before.Bytes.Value + 3200000);
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void AUserBringsNeitherLimitsNorFilesToTheNextContainer(string kind) => QuotaDisk.With(kind, _host, (disk, depot) =>
    {
        var limits = disk.Limits();
        var home = Begin(depot, User);
        depot.Quota.Limit(User, new DiskLimits(100, 200, 300, 400));
        Assert.Equal(new DiskLimits(100, 200, 300, 400), limits.Read(UserId).Limits);
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 150000 /dev/zero > {home}/file"));
        depot.Remove(Id);
        Assert.Equal(default, limits.Read(UserId).Limits);

        // What another program, or a server that was killed, has left of the user.
        limits.Set(UserId, new DiskLimits(0, 10, 0, 10));
        Directory.CreateDirectory(disk.Path + "/elsewhere");
        HostSystem.Run("chown", $"{UserId}", disk.Path + "/elsewhere");
        limits.Set(UserId, default);
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 2000000 /dev/zero > {disk.Path}/elsewhere/file"));
        limits.Set(UserId, new DiskLimits(0, 10, 0, 10));

        var next = new DiskUser(Other, UserId);
        home = Begin(depot, next);
        Assert.Equal(default, limits.Read(UserId).Limits);
        var (bytes, inodes) = depot.Quota.Measure(next);
        Assert.True(bytes < 100000, $"{bytes} bytes of a new container");
        Assert.Equal(1UL, inodes);
        depot.Quota.Limit(next, new DiskLimits(0, 4096, 0, 0));
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 3000000 /dev/zero > {home}/fits"));
        Assert.Contains(Exceeded, QuotaDisk.As(UserId, $"head -c 2000000 /dev/zero > {home}/big"), StringComparison.Ordinal);
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Xfs)]
    public void TheNextServerKnowsWhoseTheLimitsAre(string kind) => QuotaDisk.With(kind, _host, (disk, depot) =>
    {
        HostSystem.Run("chown", $"{UserId}", Directory.CreateDirectory(disk.Path + "/elsewhere").FullName);
        var home = Begin(depot, User);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 500));
        Assert.Equal("", QuotaDisk.As(UserId, $"head -c 1000000 /dev/zero > {home}/file"));
        var measured = depot.Quota.Measure(User);
        var limits = disk.Limits();
        var set = limits.Read(UserId).Limits;
        using (var next = LinuxDepot.Open(disk.Depot, quotaEnabled: true))
        {
            Assert.Equal(measured, next.Quota.Measure(User));
            next.Quota.Limit(User, new DiskLimits(0, 4096, 0, 500));
            Assert.Equal(set, limits.Read(UserId).Limits);

            // Remains that name a user whom another container has leave that one's limits alone.
            next.Create(Other);
            File.Copy($"{disk.Depot}/{Id}/.quota-user", $"{disk.Depot}/{Other}/.quota-user");
            next.Remove(Other);
            Assert.Equal(set, limits.Read(UserId).Limits);
        }

        // One that limits nothing takes them away all the same.
        using (var last = LinuxDepot.Open(disk.Depot, quotaEnabled: false))
        {
            Assert.Equal((null, null), last.Quota.Measure(User));
            last.Remove(Id);
        }

        Assert.Equal(default, limits.Read(UserId).Limits);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Depot));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void EveryLimitThatAClientMayAskForIsTaken(string kind) => QuotaDisk.With(kind, _host, (disk, depot) =>
    {
        Begin(depot, User);
        var limits = disk.Limits();
        foreach (var huge in (ulong[])[uint.MaxValue, 1UL << 33, 1UL << 54, ulong.MaxValue])
        {
            depot.Quota.Limit(User, new DiskLimits(huge, huge, 0, 0));
            var (soft, hard, _, _) = limits.Read(UserId).Limits;
            Assert.True(soft == 0 || soft >= uint.MaxValue, $"{huge} blocks are limited to {soft}");
            Assert.True(hard == 0 || hard >= uint.MaxValue, $"{huge} blocks are limited to {hard}");
        }

        // A soft limit over the hard one, which XFS would keep neither of.
        depot.Quota.Limit(User, new DiskLimits(8000, 4000, 80, 40));
        Assert.Equal((4000UL, 40UL), (limits.Read(UserId).Limits.BlockHard, limits.Read(UserId).Limits.InodeHard));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void TheLimitHoldsThroughAUnionAndForCopies(string kind) => QuotaDisk.With(kind, _host, (_, depot) =>
    {
        var home = Begin(depot, User);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));
        var directory = depot.Find(Id)!;
        _host.Make("lower");
        _host.Make("union");
        Machine.Mount("overlay", _host["union"], "overlay", $"lowerdir={_host["lower"]},upperdir={directory.Upper},workdir={directory.Work}");
        var mounted = _host["union/home"];
        Assert.Contains(Exceeded, QuotaDisk.As(UserId, $"head -c 8000000 /dev/zero > {mounted}/big"), StringComparison.Ordinal);
        Machine.Unmount(_host["union"]);

        // The thread of a copy has more rights than the user, and not this one.
        File.Delete(home + "/big");
        File.WriteAllBytes(home + "/file", []);
        HostSystem.Run("chown", $"{UserId}", home + "/file");
        Exception? failure = null;
        var copied = CopyThread.RunAsync(UserId, _ => failure = Record.Exception(() => File.WriteAllBytes(home + "/file", new byte[8000000])));
        Assert.True(copied.Wait(Deadline.Default));
        Assert.Contains(Exceeded, Assert.IsAssignableFrom<IOException>(failure).Message, StringComparison.Ordinal);
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    [InlineData(QuotaDisk.Xfs)]
    public void TheTrialLeavesNothing(string kind) => QuotaDisk.With(kind, _host, "", disk =>
    {
        var before = Users(disk);
        using (LinuxDepot.Open(disk.Depot, quotaEnabled: true))
        {
            Assert.Empty(Directory.GetFileSystemEntries(disk.Depot));
        }

        Assert.True(
            SpinWait.SpinUntil(() => Users(disk).SequenceEqual(before), Deadline.Default),
            $"users before: {string.Join(' ', before)}, after: {string.Join(' ', Users(disk))}");
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4, "noquota", "counts what users take and does not limit it (`quotaon --user ")]
    [InlineData(QuotaDisk.Ext4File, "noatime", "has no user quotas on (`tune2fs -O quota /dev/loop")]
    [InlineData(QuotaDisk.Xfs, "noquota", "has no user quotas on (the mount option uquota, ")]
    [InlineData(QuotaDisk.Xfs, "uqnoenforce", "counts what users take and does not limit it (`xfs_quota -x -c 'enable -u' ")]
    public void WhereUsersAreNotLimitedTheMendIsTold(string kind, string options, string expected) => QuotaDisk.With(kind, _host, options, disk =>
    {
        using (var depot = LinuxDepot.Open(disk.Depot, quotaEnabled: true))
        {
            Assert.False(depot.Quota.LimitsBytes);
            Assert.Contains(expected, depot.Quota.WhyNot, StringComparison.Ordinal);
            depot.Create(Id);
            var failure = Assert.Throws<WardenException>(() => depot.Quota.Limit(User, new DiskLimits(0, 10, 0, 0)));
            Assert.Equal($"Cannot limit the disk: {depot.Quota.WhyNot}", failure.Message);
            depot.Remove(Id);
        }

        if (kind == QuotaDisk.Ext4)
        {
            // The mend mends.
            QuotaDisk.Need("quotaon", "--user", disk.Path);
            using var depot = LinuxDepot.Open(disk.Depot, quotaEnabled: true);
            Assert.Null(depot.Quota.WhyNot);
        }
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Ext4File)]
    public void AnAdministratorMayTurnThemOffMeanwhile(string kind) => QuotaDisk.With(kind, _host, (disk, depot) =>
    {
        Begin(depot, User);
        depot.Quota.Limit(User, new DiskLimits(0, 4096, 0, 0));
        QuotaDisk.Need("quotaoff", "--user", disk.Path);
        if (kind == QuotaDisk.Ext4File)
        {
            var failure = Assert.Throws<WardenException>(() => depot.Quota.Limit(User, new DiskLimits(0, 5000, 0, 0)));
            Assert.Equal($"Cannot limit the disk: the user quotas of the file system of {disk.Depot} are not on any more", failure.Message);
            Assert.Equal((null, null), depot.Quota.Measure(User));
        }

        Begin(depot, new DiskUser(Other, UserId + 1));
        depot.Remove(Other);
        depot.Remove(Id);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Depot));
    });

    [SkippableTheory]
    [InlineData(QuotaDisk.Ext4)]
    [InlineData(QuotaDisk.Xfs)]
    public void AKernelWithoutQuotactlFdIsAskedByTheDevice(string kind) => QuotaDisk.With(kind, _host, "", disk =>
    {
        var directory = disk.Open();
        var limits = new UserLimits(directory, disk.Path) { NamesDevice = true };
        Assert.Equal((true, true), limits.ReadState());
        var quota = UserQuota.TryStart(directory, disk.Path, limits, out var whyNot);
        Assert.Null(whyNot);
        Assert.True(quota!.LimitsBytes && quota.LimitsInodes);
        limits.Set(UserId, new DiskLimits(0, 400, 0, 40));
        Assert.Equal(new DiskLimits(0, 400, 0, 40), disk.Limits().Read(UserId).Limits);
    });

    private static string Begin(LinuxDepot depot, DiskUser user)
    {
        var directory = depot.Create(user.ContainerId);
        depot.Quota.Take(user);
        var home = directory.Upper + "/home";
        Directory.CreateDirectory(home);
        File.SetUnixFileMode(home, (UnixFileMode)0x1FF);
        HostSystem.Run("chown", $"{user.UserId}", home);
        return home;
    }

    private static void AwaitExceeded(string script)
    {
        var said = "";
        Assert.True(
            SpinWait.SpinUntil(() => (said = QuotaDisk.As(UserId, script)).Contains(Exceeded, StringComparison.Ordinal), Deadline.Default),
            $"no write fails after the time of grace; the last one said '{said}'");
    }

    private static unsafe void Grace(QuotaDisk disk, ulong seconds)
    {
        var directory = disk.Open();
        var times = new QuotaCalls.GraceTimes { Blocks = seconds, Inodes = seconds, Valid = 3 };
        Assert.Equal(0, QuotaCalls.Control(directory, QuotaCalls.SetInformation, 0, &times));
    }

    /// <summary>The users that a file system knows.</summary>
    private static unsafe List<uint> Users(QuotaDisk disk)
    {
        var directory = disk.Open();
        var users = new List<uint>();
        QuotaCalls.NextUserBlock block;
        for (var user = 0u; QuotaCalls.Control(directory, QuotaCalls.GetNextQuota, user, &block) == 0; user = block.User + 1)
        {
            users.Add(block.User);
        }

        return users;
    }
}
