using Bogus;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Xunit;
using Xunit.Abstractions;
using static Warden.ConformanceTests.Units.Machine.MachineTestExtensions;

namespace Warden.ConformanceTests.Units.Machine;

public sealed class PipeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Everything_arrives_in_order_whatever_the_sizes_of_reads_and_writes()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Randomizer(seed);
        var data = random.Bytes(1_000_000);
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            process.Fork(async self =>
            {
                var sizes = new Randomizer(seed + 1);
                for (var offset = 0; offset < data.Length;)
                {
                    var size = Math.Min(sizes.Number(1, 100_000), data.Length - offset);
                    await self.WriteAsync(write, data.AsMemory(offset, size));
                    offset += size;
                }

                return 0;
            });
            process.Close(write);
            var received = new List<byte>();
            while (true)
            {
                var buffer = new byte[random.Number(1, 70_000)];
                var count = await process.ReadAsync(read, buffer);
                if (count == 0)
                {
                    break;
                }

                received.AddRange(buffer.AsSpan(0, count));
            }

            Assert.True(data.AsSpan().SequenceEqual([.. received]));
        });
    }

    [Fact]
    public async Task Small_writes_of_several_writers_are_not_mixed()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            foreach (var letter in "abcd")
            {
                process.Fork(async self =>
                {
                    for (var i = 0; i < 50; i++)
                    {
                        await self.WriteAsync(write, new string(letter, 4095) + "\n");
                    }

                    return 0;
                });
            }

            process.Close(write);
            var lines = (await process.ReadAllAsync(read)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(200, lines.Length);
            Assert.All(lines, line => Assert.Equal(new string(line[0], 4095), line));
        });
    }

    [Fact]
    public async Task A_write_without_a_reader_raises_the_pipe_signal()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            process.Close(read);
            process.Fork(async self =>
            {
                await self.WriteAsync(write, "x");
                return 0;
            });
            Assert.Equal(new ExitStatus(13, true), (await process.WaitAsync(null))!.Value.Status);
            process.SetSignalAction(Signal.PIPE, SignalAction.Ignore);
            await FailsAsync(Errno.EPIPE, () => process.WriteAsync(write, "x"));
        });
    }

    [Fact]
    public async Task A_writer_that_waits_for_room_ends_when_the_last_reader_goes()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            var child = process.Fork(async self =>
            {
                self.Close(read);
                await self.WriteAsync(write, new byte[200_000]);
                return 0;
            });
            await UntilAsync(() => child.StateLetter == 'S');
            process.Close(read);
            Assert.Equal(new ExitStatus(13, true), (await process.WaitAsync(null))!.Value.Status);
        });
    }

    [Fact]
    public async Task A_fifo_opens_when_both_ends_are_there()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.MakeFifo("/tmp/fifo", 0x1B6);
            await FailsAsync(Errno.ENXIO, async () => await process.OpenAsync("/tmp/fifo", OpenFlags.Write | OpenFlags.NonBlocking));
            process.Fork(async self =>
            {
                await self.WriteFileAsync("/tmp/fifo", "through the fifo");
                return 0;
            });
            Assert.Equal("through the fifo", await process.ReadFileAsync("/tmp/fifo"));
            Assert.Equal(FileKind.Fifo, process.Stat("/tmp/fifo").Kind);
        });
    }
}
