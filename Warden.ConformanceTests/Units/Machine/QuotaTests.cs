using Bogus;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;
using Xunit;
using Xunit.Abstractions;
using static Warden.ConformanceTests.Units.Machine.MachineTestExtensions;

namespace Warden.ConformanceTests.Units.Machine;

public sealed class QuotaTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Over_the_hard_limit_a_write_fails_and_keeps_what_fitted()
    {
        using var test = new TestContainer();
        test.Container.Disk.Limits = new DiskLimits(0, 100, 0, 3);
        await test.RunAsync(
            async process =>
            {
                await FailsAsync(Errno.EDQUOT, () => process.WriteFileAsync("/home/vcap/big", new string('x', 200_000)));
                Assert.Equal(100 * 1024, process.Stat("/home/vcap/big").Size);
                Assert.Equal(100, test.Container.Disk.Blocks);
                await FailsAsync(Errno.EDQUOT, () => process.WriteFileAsync("/home/vcap/b", "y"));
                process.SymbolicLink("x", "/home/vcap/c");
                Fails(Errno.EDQUOT, () => process.SymbolicLink("x", "/home/vcap/d"));
                process.Truncate("/home/vcap/big", 1024);
                await process.WriteFileAsync("/home/vcap/b", "y");
                Assert.Equal((2L, 3L), (test.Container.Disk.Blocks, test.Container.Disk.Inodes));
            },
            TestContainer.User);
        await test.RunAsync(async process =>
        {
            await process.WriteFileAsync("/home/vcap/roots", new string('x', 200_000));
            Assert.Equal(2, test.Container.Disk.Blocks);
            process.ChangeOwner("/home/vcap/roots", TestContainer.User, null);
            Assert.Equal((2L + 196, 4L), (test.Container.Disk.Blocks, test.Container.Disk.Inodes));
            foreach (var entry in process.ReadDirectory("/home/vcap"))
            {
                process.Unlink("/home/vcap/" + entry.Name);
            }

            Assert.Equal((0L, 0L), (test.Container.Disk.Blocks, test.Container.Disk.Inodes));
        });
    }

    [Fact]
    public async Task The_account_is_exact_after_any_history()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Randomizer(seed);
        using var test = new TestContainer();
        test.Container.Disk.Limits = new DiskLimits(0, 600, 0, 12);
        await test.RunAsync(
            async process =>
            {
                process.ChangeDirectory("/home/vcap");
                for (var step = 0; step < 400; step++)
                {
                    var name = "f" + random.Number(0, 9);
                    try
                    {
                        switch (random.Number(0, 6))
                        {
                            case 0 or 1:
                                var fd = await process.OpenAsync(name, OpenFlags.Write | OpenFlags.Create);
                                process.GetFile(fd).Seek(random.Number(0, 200_000), SeekOrigin.Begin);
                                try
                                {
                                    await process.WriteAsync(fd, new byte[random.Number(1, 90_000)]);
                                }
                                finally
                                {
                                    process.Close(fd);
                                }

                                break;
                            case 2:
                                process.Truncate(name, random.Number(0, 200_000));
                                break;
                            case 3:
                                process.Unlink(name);
                                break;
                            case 4:
                                process.Rename(name, "f" + random.Number(0, 9));
                                break;
                            case 5:
                                process.Link(name, "f" + random.Number(0, 9));
                                break;
                            default:
                                process.MakeDirectory("d" + name);
                                process.RemoveDirectory("d" + name);
                                break;
                        }
                    }
                    catch (ErrnoException)
                    {
                        // A name that is missing or taken, or the quota.
                    }

                    var files = process.ReadDirectory(".").Select(entry => process.LinkStat(entry.Name)).DistinctBy(status => status.Inode).ToList();
                    Assert.Equal(files.Sum(status => status.Blocks / 2), test.Container.Disk.Blocks);
                    Assert.Equal(files.Count, test.Container.Disk.Inodes);
                    Assert.InRange(test.Container.Disk.Blocks, 0, 600);
                }
            },
            TestContainer.User);
    }

    [Fact]
    public async Task Files_in_shared_memory_count_as_memory_and_not_as_disk()
    {
        using var test = new TestContainer();
        await test.RunAsync(
            async process =>
            {
                var before = test.Container.MemoryBytes;
                await process.WriteFileAsync("/dev/shm/f", new string('x', 100 * 1024));
                Assert.Equal(before + (100 * 1024), test.Container.MemoryBytes);
                Assert.Equal(0, test.Container.Disk.Blocks);
                process.Unlink("/dev/shm/f");
                Assert.Equal(before, test.Container.MemoryBytes);
                Assert.True(test.Container.TrySetMemoryLimit(4 << 20));
                var child = process.Fork(async self =>
                {
                    self.Allocate(1 << 20);
                    await self.WriteFileAsync("/dev/shm/f", new string('x', 8 << 20));
                    return 0;
                });
                Assert.Equal((child.Id, new ExitStatus(9, true)), await process.WaitAsync(child.Id));
            },
            TestContainer.User);
    }
}
