using System.Runtime.Versioning;
using System.Text;
using Bogus;
using Warden.Linux.Processes;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

[SupportedOSPlatform("linux")]
public sealed class JobOutputTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default;

    [SkippableFact]
    public async Task Small_records_of_one_stream_come_as_one_chunk_and_streams_keep_their_order()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "one "u8);
        log.Write(OutputStream.Stdout, "two"u8);
        log.Write(OutputStream.Stderr, "three"u8);
        log.Write(OutputStream.Stdout, "four"u8);
        log.End();

        Assert.Equal(["1:one two", "2:three", "1:four"], await ReadAsync(log.Output, 100));
    }

    [SkippableFact]
    public async Task No_chunk_is_longer_than_asked()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "abcdefg"u8);
        log.Write(OutputStream.Stdout, "h"u8);
        log.End();

        Assert.Equal(["1:abc", "1:def", "1:gh"], await ReadAsync(log.Output, 3));
    }

    [SkippableFact]
    public async Task A_record_that_is_not_whole_yet_is_waited_for()
    {
        using var log = Make();
        var record = LogFile.Record(1, "complete"u8);
        log.WriteRaw(record.AsSpan(0, 3));
        var reading = log.Output.ReadAsync(default, 100, default).AsTask();
        log.WriteRaw(record.AsSpan(3, 9));
        Assert.False(reading.IsCompleted);
        log.WriteRaw(record.AsSpan(12));

        Assert.Equal("complete", Text(await reading.WaitAsync(Patience)));
    }

    [SkippableFact]
    public async Task A_record_cut_by_its_writers_death_gives_what_is_there()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "whole, "u8);
        log.WriteRaw(LogFile.Record(2, "only a part"u8).AsSpan(0, 14));
        log.End(isRecorded: false);

        Assert.Equal(["1:whole, ", "2:only a"], await ReadAsync(log.Output, 100));
    }

    [SkippableFact]
    public async Task A_header_cut_by_its_writers_death_is_the_end()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "whole"u8);
        log.WriteRaw([1, 0, 0]);
        log.End(isRecorded: false);

        Assert.Equal(["1:whole"], await ReadAsync(log.Output, 100));
    }

    [SkippableFact]
    public async Task A_record_of_nothing_is_passed_over()
    {
        using var log = Make();
        log.Write(OutputStream.Stderr, default);
        log.Write(OutputStream.Stdout, "text"u8);
        log.Write(OutputStream.Stderr, default);
        log.End();

        Assert.Equal(["1:text"], await ReadAsync(log.Output, 100));
    }

    [SkippableFact]
    public async Task A_damaged_log_is_told_and_not_guessed_at()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "text"u8);
        log.WriteRaw([9, 0, 0, 0, 1, 0, 0, 0, 65]);
        log.End();

        var first = await log.Output.ReadAsync(default, 100, default);
        await Assert.ThrowsAsync<IOException>(() => log.Output.ReadAsync(first.Next, 100, default).AsTask());
    }

    [SkippableFact]
    public async Task Readers_that_wait_ask_the_monitor_once_and_may_give_up()
    {
        using var log = Make();
        log.Write(OutputStream.Stdout, "text"u8);
        var first = await log.Output.ReadAsync(default, 100, default);
        for (var i = 0; i < 100; i++)
        {
            using var end = new CancellationTokenSource();
            var waiting = log.Output.ReadAsync(first.Next, 100, end.Token).AsTask();
            await end.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        var readers = Enumerable.Range(0, 10).Select(_ => log.Output.ReadAsync(first.Next, 100, default).AsTask()).ToArray();
        log.Write(OutputStream.Stderr, "more"u8);

        Assert.All(await Task.WhenAll(readers).WaitAsync(Patience), chunk => Assert.Equal("more", Text(chunk)));
        Assert.InRange(log.Watches, 1, 2);
    }

    [SkippableFact]
    public async Task A_log_that_is_not_there_is_empty()
    {
        using var log = Make();
        File.Delete(log.Path);
        log.End(isRecorded: false);

        Assert.Empty(await ReadAsync(log.Output, 100));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    public async Task What_is_written_while_it_is_read_arrives_whole(int maxBytes)
    {
        using var log = Make();
        var random = new Randomizer(Environment.TickCount ^ maxBytes);
        var expected = new[] { new MemoryStream(), new MemoryStream() };
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => CollectAsync(log.Output, maxBytes))).ToArray();
        var count = maxBytes == 1 ? 40 : 400;
        for (var i = 0; i < count; i++)
        {
            var stream = random.Bool() ? OutputStream.Stdout : OutputStream.Stderr;
            var data = random.Bytes(random.Int(1, maxBytes == 1 ? 100 : random.Bool() ? 65536 : 20));
            expected[(int)stream - 1].Write(data);
            log.Write(stream, data);
        }

        log.End();
        foreach (var (stdout, stderr) in await Task.WhenAll(readers).WaitAsync(Patience))
        {
            Assert.True(expected[0].ToArray().AsSpan().SequenceEqual(stdout));
            Assert.True(expected[1].ToArray().AsSpan().SequenceEqual(stderr));
        }
    }

    [SkippableFact]
    public async Task Memory_that_was_read_stays_as_it_was()
    {
        using var log = Make();
        var chunks = new List<(OutputChunk Chunk, byte[] Copy)>();
        var random = new Randomizer(7);
        for (var i = 0; i < 300; i++)
        {
            log.Write(i % 3 == 0 ? OutputStream.Stderr : OutputStream.Stdout, random.Bytes(random.Int(1, 9000)));
        }

        log.End();
        for (OutputPosition position = default; ;)
        {
            var chunk = await log.Output.ReadAsync(position, 65536, default);
            if (chunk.IsEnd)
            {
                break;
            }

            chunks.Add((chunk, chunk.Data.ToArray()));
            position = chunk.Next;
        }

        await ReadAsync(log.Output, 100);
        Assert.All(chunks, entry => Assert.True(entry.Chunk.Data.Span.SequenceEqual(entry.Copy)));
    }

    [SkippableTheory]
    [InlineData(0, 0, OutputStream.Stdout)]
    [InlineData(1L << 44, 65536, OutputStream.Stderr)]
    [InlineData(123456789, 1, OutputStream.Stdout)]
    [InlineData(7, 65535, OutputStream.Stderr)]
    public void A_position_comes_back_as_it_went(long offset, int left, OutputStream stream)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        var position = new LogPosition(offset, left, stream);
        Assert.Equal(position, LogPosition.Of(position.ToOutputPosition()));
        Assert.Equal(default, new LogPosition(0, 0, OutputStream.Stderr).ToOutputPosition());
    }

    private static LogFile Make()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux alone has monitors.");
        return new LogFile();
    }

    private static string Text(OutputChunk chunk) => Encoding.UTF8.GetString(chunk.Data.Span);

    private static async Task<List<string>> ReadAsync(JobOutput output, int maxBytes)
    {
        var chunks = new List<string>();
        for (OutputPosition position = default; ;)
        {
            var chunk = await output.ReadAsync(position, maxBytes, default).AsTask().WaitAsync(Patience);
            if (chunk.IsEnd)
            {
                return chunks;
            }

            chunks.Add($"{(int)chunk.Stream}:{Text(chunk)}");
            position = chunk.Next;
        }
    }

    private static async Task<(byte[] Stdout, byte[] Stderr)> CollectAsync(JobOutput output, int maxBytes)
    {
        var streams = new[] { new MemoryStream(), new MemoryStream() };
        for (OutputPosition position = default; ;)
        {
            var chunk = await output.ReadAsync(position, maxBytes, default);
            if (chunk.IsEnd)
            {
                return (streams[0].ToArray(), streams[1].ToArray());
            }

            Assert.InRange(chunk.Data.Length, 1, maxBytes);
            streams[(int)chunk.Stream - 1].Write(chunk.Data.Span);
            position = chunk.Next;
        }
    }
}
