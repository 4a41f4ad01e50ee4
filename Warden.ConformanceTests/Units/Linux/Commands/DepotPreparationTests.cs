using System.Runtime.Versioning;
using Warden.Linux.Setup;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Commands;

[SupportedOSPlatform("linux")]
public sealed class DepotPreparationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeDisk _disk = new();

    private string Depot => _directory["depot"];

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void A_depot_with_limits_stays_as_it_is()
    {
        OnLinux();
        _disk.WhyNot = null;
        Assert.Equal($"The depot is {Depot}, and disk limits hold there, by fake quotas.", Ensure());
        Assert.Empty(_disk.Images);
    }

    [SkippableFact]
    public void An_image_is_made_where_the_filesystem_has_no_quotas()
    {
        OnLinux();
        _directory.AddProgram("mkfs.btrfs", "");
        Assert.Equal($"The depot is {Depot}, an image of btrfs, and disk limits hold there.", Ensure(5));
        Assert.Equal([(Depot, 5L)], _disk.Images);
    }

    [SkippableFact]
    public void What_is_lacking_for_limits_is_told()
    {
        OnLinux();
        Assert.Equal(
            $"The depot is {Depot}. Disk limits will be refused: no quotas. For an image with quotas: apt-get install btrfs-progs, and run setup again.",
            Ensure());
        _directory.AddProgram("mkfs.btrfs", "");
        File.WriteAllText(Path.Combine(Depot, "letter"), "");
        Assert.Equal(
            $"The depot is {Depot}. Disk limits will be refused: no quotas. An image with quotas is made of an empty depot only.", Ensure());
        Assert.Empty(_disk.Images);
    }

    [SkippableFact]
    public void Limits_that_are_switched_off_need_nothing()
    {
        OnLinux();
        Assert.Equal(
            $"The depot is {Depot}; disk limits are switched off by quota.disk_quota_enabled.",
            new DepotPreparation(new HostPrograms(_directory.Path), _disk).Ensure(Depot, limitsWanted: false, null));
    }

    [Theory]
    [InlineData("20G", 20L << 30)]
    [InlineData("2t", 2L << 40)]
    [InlineData("1048576K", 1L << 30)]
    [InlineData("1073741824", 1L << 30)]
    public void A_size_has_a_unit(string text, long bytes) => Assert.Equal(bytes, DepotPreparation.ParseSize(text));

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("-1G")]
    [InlineData("1023M")]
    [InlineData("9999999T")]
    [InlineData("99999999999999999999")]
    public void A_size_that_is_none_is_refused(string text) => Assert.Throws<WardenException>(() => DepotPreparation.ParseSize(text));

    [SkippableFact]
    public void A_lock_is_one_holders_until_it_ends()
    {
        OnLinux();
        using (FileLock.Take(_directory["x.lock"], "taken"))
        {
            Assert.Equal("taken", Assert.Throws<WardenException>(() => FileLock.Take(_directory["x.lock"], "taken")).Message);
        }

        Assert.False(File.Exists(_directory["x.lock"]));
        File.WriteAllText(_directory["x.lock"], "");
        FileLock.Take(_directory["x.lock"], "taken").Dispose();
        Assert.StartsWith(
            "Cannot make ", Assert.Throws<WardenException>(() => FileLock.Take(_directory["no/x.lock"], "taken")).Message, StringComparison.Ordinal);
    }

    private static void OnLinux() => Skip.IfNot(OperatingSystem.IsLinux(), "the paths and locks of Linux");

    private string Ensure(long? bytes = null) =>
        new DepotPreparation(new HostPrograms(_directory.Path), _disk).Ensure(Depot, limitsWanted: true, bytes);

    private sealed class FakeDisk : IDepotDisk
    {
        public string? WhyNot { get; set; } = "no quotas";

        public List<(string Path, long Bytes)> Images { get; } = [];

        public (string? WhyNot, string By) FindLimits(string path) => (WhyNot, "fake quotas");

        public void MakeImage(string path, long bytes)
        {
            Images.Add((path, bytes));
            WhyNot = null;
        }
    }
}
