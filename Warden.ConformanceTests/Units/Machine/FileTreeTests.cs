using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Xunit;
using static Warden.ConformanceTests.Units.Machine.MachineTestExtensions;

namespace Warden.ConformanceTests.Units.Machine;

public sealed class FileTreeTests
{
    [Fact]
    public async Task The_root_file_system_has_the_containers_user_host_name_and_hosts()
    {
        using var test = new TestContainer();
        await test.RunAsync(
            async process =>
            {
                Assert.Equal("/home/vcap", process.CurrentDirectory);
                Assert.Contains("vcap:x:10005:10005::/home/vcap:/bin/bash\n", await process.ReadFileAsync("/etc/passwd"), StringComparison.Ordinal);
                Assert.Equal("127.0.0.1 localhost\n10.254.0.2 0123456789a\n", await process.ReadFileAsync("/etc/hosts"));
                Assert.Equal("0123456789a\n", await process.ReadFileAsync("/etc/hostname"));
                Assert.Equal((TestContainer.User, 0x1ED), (process.Stat("/home/vcap").UserId, process.Stat("/home/vcap").Mode));
                Assert.Equal(0x3FF, process.Stat("/tmp").Mode);
                Assert.Equal(0x1C0, process.Stat("/root").Mode);
                Fails(Errno.EACCES, () => process.ReadDirectory("/root"));
                Assert.Equal("/usr/bin/cat", process.RealPath("/bin/cat"));
                await FailsAsync(Errno.EACCES, () => process.WriteFileAsync("/etc/passwd", "x"));
                await FailsAsync(Errno.EACCES, () => process.WriteFileAsync("/etc/new", "x"));
                await FailsAsync(Errno.ENXIO, async () => await process.OpenAsync("/dev/tty", OpenFlags.Read));
                await process.WriteFileAsync("/dev/null", "x");
                await FailsAsync(Errno.ENOSPC, () => process.WriteFileAsync("/dev/full", "x"));
            },
            TestContainer.User);
    }

    [Fact]
    public async Task A_container_sees_its_own_changes_alone()
    {
        using var one = new TestContainer();
        using var two = new TestContainer();
        await one.RunAsync(async process =>
        {
            await process.WriteFileAsync("/etc/issue", "mine");
            process.Unlink("/etc/profile");
            Assert.Equal("mine", await process.ReadFileAsync("/etc/issue"));
            Fails(Errno.ENOENT, () => process.Stat("/etc/profile"));
            Assert.DoesNotContain(process.ReadDirectory("/etc"), entry => entry.Name == "profile");
        });
        await two.RunAsync(async process =>
        {
            Assert.StartsWith("Debian", await process.ReadFileAsync("/etc/issue"), StringComparison.Ordinal);
            Assert.True(process.Stat("/etc/profile").Size > 0);
        });
    }

    [Fact]
    public async Task Names_resolve_as_the_kernel_resolves_them()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.ChangeDirectory("/tmp");
            process.MakeDirectory("a/", 0x1FF);
            process.SymbolicLink("b", "a/loop");
            process.SymbolicLink("loop", "a/b");
            process.SymbolicLink("../../../../tmp/a", "a/self");
            process.SymbolicLink("a/missing", "dangling");
            Fails(Errno.ELOOP, () => process.Stat("a/loop"));
            Assert.Equal(FileKind.SymbolicLink, process.LinkStat("a/loop").Kind);
            Assert.Equal("/tmp/a", process.RealPath("a/self/self/../a/./"));
            Fails(Errno.ENOENT, () => process.Stat("dangling"));
            await process.WriteFileAsync("dangling", "made");
            Assert.Equal("made", await process.ReadFileAsync("a/missing"));
            await FailsAsync(Errno.EEXIST, async () => await process.OpenAsync("dangling", OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive));
            await FailsAsync(Errno.ELOOP, async () => await process.OpenAsync("dangling", OpenFlags.Read | OpenFlags.NoFollow));
            Fails(Errno.ENOTDIR, () => process.Stat("a/missing/"));
            Fails(Errno.ENOTDIR, () => process.Stat("a/missing/x"));
            Fails(Errno.ENOENT, () => process.Stat(""));
            Fails(Errno.ENAMETOOLONG, () => process.Stat(new string('n', 256)));
            Assert.Equal("/", process.RealPath("/../.."));
            Fails(Errno.EEXIST, () => process.MakeDirectory("."));
            Fails(Errno.EINVAL, () => process.RemoveDirectory("a/."));
            Fails(Errno.EISDIR, () => process.Unlink("a"));
            Fails(Errno.ENOTDIR, () => process.RemoveDirectory("a/missing"));
            Fails(Errno.ENOTEMPTY, () => process.RemoveDirectory("a"));
        });
    }

    [Fact]
    public async Task Links_are_counted_and_open_files_outlive_their_names()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.ChangeDirectory("/tmp");
            Assert.Equal(2, process.Stat(".").Links);
            process.MakeDirectory("d");
            Assert.Equal(3, process.Stat(".").Links);
            await process.WriteFileAsync("f", "content");
            process.Link("f", "d/g");
            Assert.Equal(2, process.Stat("f").Links);
            Assert.Equal(process.Stat("f").Inode, process.Stat("d/g").Inode);
            Fails(Errno.EPERM, () => process.Link("d", "e"));
            var fd = await process.OpenAsync("f", OpenFlags.Read);
            process.Unlink("f");
            process.Unlink("d/g");
            Assert.Equal("content", await process.ReadAllAsync(fd));
            Assert.Equal(0, process.GetFile(fd).Status.Links);
            process.RemoveDirectory("d");
            Assert.Equal(2, process.Stat(".").Links);
        });
    }

    [Fact]
    public async Task Renames_replace_what_they_may()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.ChangeDirectory("/tmp");
            process.MakeDirectory("d");
            process.MakeDirectory("d/inner");
            process.MakeDirectory("empty");
            await process.WriteFileAsync("f", "f");
            await process.WriteFileAsync("g", "g");
            process.Rename("f", "g");
            Assert.Equal("f", await process.ReadFileAsync("g"));
            Fails(Errno.ENOENT, () => process.Rename("f", "g"));
            Fails(Errno.EINVAL, () => process.Rename("d", "d/inner/x"));
            Fails(Errno.EISDIR, () => process.Rename("g", "d"));
            Fails(Errno.ENOTDIR, () => process.Rename("d", "g"));
            Fails(Errno.ENOTEMPTY, () => process.Rename("empty", "d"));
            process.Rename("d", "empty");
            Assert.Equal(FileKind.Directory, process.Stat("empty/inner").Kind);
            process.ChangeDirectory("empty/inner");
            process.Rename("/tmp/empty", "/tmp/moved");
            Assert.Equal("/tmp/moved/inner", process.CurrentDirectory);
            Fails(Errno.EXDEV, () => process.Rename("/tmp/g", "/dev/shm/g"));
            Fails(Errno.EBUSY, () => process.RemoveDirectory("/dev/shm"));
        });
    }

    [Fact]
    public async Task Modes_groups_and_sticky_directories_are_respected()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            await process.WriteFileAsync("/tmp/roots", "x");
            process.MakeDirectory("/srv/shared");
            process.ChangeOwner("/srv/shared", null, 500);
            process.ChangeMode("/srv/shared", 0x5FF);
            process.SetCredentials(TestContainer.User, TestContainer.User, [500]);
            Fails(Errno.EPERM, () => process.Unlink("/tmp/roots"));
            Fails(Errno.EPERM, () => process.ChangeMode("/tmp/roots", 0x1FF));
            Fails(Errno.EPERM, () => process.SetCredentials(0, 0, []));
            await process.WriteFileAsync("/srv/shared/f", "x");
            Assert.Equal((TestContainer.User, 500u, 0x1A4), (
                process.Stat("/srv/shared/f").UserId, process.Stat("/srv/shared/f").GroupId, process.Stat("/srv/shared/f").Mode));
            process.MakeDirectory("/srv/shared/d");
            Assert.Equal(0x5ED, process.Stat("/srv/shared/d").Mode);
            Fails(Errno.EPERM, () => process.ChangeOwner("/srv/shared/f", 0, null));
            Fails(Errno.EPERM, () => process.MakeDevice("/srv/shared/null", 0x1B6, FileKind.CharacterDevice, 1, 3));
            process.ChangeMode("/srv/shared/f", 0);
            Assert.False(process.CanAccess("/srv/shared/f", read: true));
            await FailsAsync(Errno.EACCES, async () => await process.ReadFileAsync("/srv/shared/f"));
        });
    }

    [Fact]
    public async Task Offsets_appending_holes_and_lengths_behave()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var fd = await process.OpenAsync("/tmp/f", OpenFlags.Read | OpenFlags.Write | OpenFlags.Create);
            var file = process.GetFile(fd);
            Assert.Equal(200_000, file.Seek(200_000, SeekOrigin.Begin));
            await process.WriteAsync(fd, "end");
            Assert.Equal(200_003, file.Status.Size);
            Assert.Equal(2, file.Status.Blocks);
            file.Seek(-4, SeekOrigin.End);
            Assert.Equal("\0end", await process.ReadAllAsync(fd));
            file.Truncate(process, 200_001);
            file.Truncate(process, 200_003);
            file.Seek(-3, SeekOrigin.End);
            Assert.Equal("e\0\0", await process.ReadAllAsync(fd));
            await process.WriteFileAsync("/tmp/f", "+", OpenFlags.Append);
            Assert.Equal(200_004, file.Status.Size);
            Fails(Errno.EINVAL, () => file.Seek(-1, SeekOrigin.Begin));
            file.Seek(1L << 40, SeekOrigin.Begin);
            await process.WriteAsync(fd, "far");
            Assert.Equal(((1L << 40) + 3, 4L), (file.Status.Size, file.Status.Blocks));
            await FailsAsync(Errno.EFBIG, async () =>
            {
                file.Seek(16L << 40, SeekOrigin.Begin);
                await process.WriteAsync(fd, "x");
            });
            process.Truncate("/tmp/f", 0);
            Assert.Equal(0, file.Status.Blocks);
        });
    }

    [Fact]
    public async Task Proc_shows_processes_and_their_descriptors()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            process.Duplicate(read);
            Assert.Equal(["0", "1", "2", "3"], process.ReadDirectory("/proc/self/fd").Select(entry => entry.Name));
            Assert.Equal($"/proc/{process.Id}/fd", process.ReadLink("/proc/self/fd/3"));
            Assert.StartsWith("pipe:[", process.ReadLink("/dev/fd/0"), StringComparison.Ordinal);
            await process.WriteFileAsync($"/proc/self/fd/{write}", "x");
            Assert.Equal(1, await process.ReadAsync(read, new byte[5]));
            var file = await process.OpenAsync("/tmp/deleted", OpenFlags.Write | OpenFlags.Create);
            await process.WriteAsync(file, "content");
            process.Unlink("/tmp/deleted");
            Assert.Equal("/tmp/deleted (deleted)", process.ReadLink($"/proc/self/fd/{file}"));
            Assert.Equal("content", await process.ReadFileAsync($"/proc/self/fd/{file}"));
            Assert.Equal("test-body\n", await process.ReadFileAsync("/proc/self/comm"));
            Assert.Equal("test-body\0", await process.ReadFileAsync($"/proc/{process.Id}/cmdline"));
            Assert.StartsWith("init", await process.ReadFileAsync("/proc/1/comm"), StringComparison.Ordinal);
            Assert.Equal("/root", process.ReadLink("/proc/self/cwd"));
            Assert.Contains("State:\tR (running)", await process.ReadFileAsync("/proc/self/status"), StringComparison.Ordinal);
            Assert.Equal("0123456789a\n", await process.ReadFileAsync("/proc/sys/kernel/hostname"));
            Assert.Contains("overlay / overlay rw", await process.ReadFileAsync("/etc/mtab"), StringComparison.Ordinal);
            Assert.Contains(process.ReadDirectory("/proc"), entry => entry.Name == "1");
            Fails(Errno.ENOENT, () => process.Stat("/proc/99999"));
            foreach (var entry in process.ReadDirectory("/proc").Where(entry => entry.Kind == FileKind.Regular))
            {
                Assert.NotEmpty(await process.ReadFileAsync("/proc/" + entry.Name));
            }

            foreach (var entry in process.ReadDirectory("/proc/self").Where(entry => entry.Kind == FileKind.Regular))
            {
                await process.ReadFileAsync("/proc/self/" + entry.Name);
            }
        });
    }
}
