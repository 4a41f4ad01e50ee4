using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Xunit;
using static Warden.ConformanceTests.Units.Machine.MachineTestExtensions;

namespace Warden.ConformanceTests.Units.Machine;

public sealed class HostMountTests : IDisposable
{
    private readonly string _host = Directory.CreateTempSubdirectory("warden-mount-").FullName;

    public void Dispose() => Directory.Delete(_host, recursive: true);

    [Fact]
    public async Task A_writable_mount_shows_and_changes_the_hosts_files()
    {
        File.WriteAllText(Path.Combine(_host, "file"), "host");
        using var test = new TestContainer(mounts: [new(_host, "/mnt/deep/data", true)]);
        await test.RunAsync(async process =>
        {
            process.ChangeDirectory("/mnt/deep/data");
            Assert.Equal("/mnt/deep/data", process.CurrentDirectory);
            Assert.Equal("host", await process.ReadFileAsync("file"));
            await process.WriteFileAsync("new", "from inside");
            process.MakeDirectory("dir");
            process.Rename("new", "dir/new");
            process.SymbolicLink("dir/new", "link");
            Assert.Equal("from inside", await process.ReadFileAsync("link"));
            Assert.Equal(["dir", "file", "link"], process.ReadDirectory(".").Select(entry => entry.Name));
            Fails(Errno.ENOTEMPTY, () => process.RemoveDirectory("dir"));
            Fails(Errno.EXDEV, () => process.Rename("file", "/tmp/file"));
            Fails(Errno.EBUSY, () => process.RemoveDirectory("/mnt/deep/data"));
            Assert.Equal("/mnt/deep", process.RealPath(".."));
            process.Unlink("file");
        });
        Assert.Equal("from inside", File.ReadAllText(Path.Combine(_host, "dir", "new")));
        Assert.False(File.Exists(Path.Combine(_host, "file")));
    }

    [Fact]
    public async Task A_mount_may_lie_beneath_another()
    {
        var inner = Directory.CreateDirectory(Path.Combine(_host, "inner-source")).FullName;
        File.WriteAllText(Path.Combine(inner, "file"), "inner");
        using var test = new TestContainer(mounts: [new(_host, "/mnt/data", false), new(inner, "/mnt/data/sub", true)]);
        await test.RunAsync(async process =>
        {
            Assert.Equal("inner", await process.ReadFileAsync("/mnt/data/sub/file"));
            await process.WriteFileAsync("/mnt/data/sub/new", "x");
            await FailsAsync(Errno.EROFS, () => process.WriteFileAsync("/mnt/data/new", "x"));
            Assert.Equal("/mnt/data", process.RealPath("/mnt/data/sub/.."));
            Assert.Contains($"{_host} /mnt/data ext4 ro", await process.ReadFileAsync("/proc/mounts"), StringComparison.Ordinal);
        });
        Assert.True(File.Exists(Path.Combine(inner, "new")));
    }

    [Fact]
    public async Task A_read_only_mount_is_read_only_for_root_too()
    {
        File.WriteAllText(Path.Combine(_host, "file"), "host");
        using var test = new TestContainer(mounts: [new(_host, "/mnt/data", false), new(Path.Combine(_host, "file"), "/etc/one", false)]);
        await test.RunAsync(async process =>
        {
            Assert.Equal("host", await process.ReadFileAsync("/mnt/data/file"));
            Assert.Equal("host", await process.ReadFileAsync("/etc/one"));
            await FailsAsync(Errno.EROFS, () => process.WriteFileAsync("/mnt/data/new", "x"));
            await FailsAsync(Errno.EROFS, () => process.WriteFileAsync("/mnt/data/file", "x"));
            await FailsAsync(Errno.EROFS, () => process.WriteFileAsync("/etc/one", "x"));
            Fails(Errno.EROFS, () => process.Unlink("/mnt/data/file"));
            Fails(Errno.EROFS, () => process.ChangeMode("/mnt/data/file", 0x1FF));
            Fails(Errno.EROFS, () => process.MakeDirectory("/mnt/data/d"));
        });
        Assert.Equal("host", File.ReadAllText(Path.Combine(_host, "file")));
    }

    [SkippableFact]
    public async Task A_link_of_the_host_is_resolved_inside_the_container()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a symbolic link needs a privilege on Windows.");
        File.CreateSymbolicLink(Path.Combine(_host, "escape"), "/etc/hostname");
        Directory.CreateSymbolicLink(Path.Combine(_host, "up"), "/");
        using var test = new TestContainer(mounts: [new(_host, "/mnt/data", true)]);
        await test.RunAsync(async process =>
        {
            Assert.Equal("/etc/hostname", process.ReadLink("/mnt/data/escape"));
            Assert.Equal("0123456789a\n", await process.ReadFileAsync("/mnt/data/escape"));
            Assert.Equal(FileKind.Directory, process.Stat("/mnt/data/up/home/vcap").Kind);
            process.Unlink("/mnt/data/escape");
            process.Unlink("/mnt/data/up");
        });
    }

    [Fact]
    public void A_missing_source_is_refused() =>
        Fails(Errno.ENOENT, () => new TestContainer(mounts: [new(Path.Combine(_host, "none"), "/mnt/data", true)]).Dispose());

    [Fact]
    public async Task The_users_files_are_the_users()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_host, (UnixFileMode)0x1FF);
        }

        using var test = new TestContainer(mounts: [new(_host, "/mnt/data", true)]);
        await test.RunAsync(
            async process =>
            {
                await process.WriteFileAsync("/mnt/data/mine", "x");
                process.ChangeMode("/mnt/data/mine", 0x180);
                var status = process.Stat("/mnt/data/mine");
                Assert.Equal((TestContainer.User, 0x180, 1L), (status.UserId, status.Mode, status.Size));
                await process.WriteFileAsync("/mnt/data/mine", "xyz");
            },
            TestContainer.User);
    }
}
