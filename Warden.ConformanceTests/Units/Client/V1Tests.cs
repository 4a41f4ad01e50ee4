using System.Text;
using Warden.ConformanceTests.Units.Cli;
using Warden.Spec.Client;
using Warden.Spec.Client.V1;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Client;

public sealed class V1Tests
{
    [Fact]
    public async Task Commands_are_words_and_answers_plain_values()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        await using WardenClient client = new(server.SocketPath);
        WardenV1Client v1 = new(client);

        Assert.Equal("pong", await v1.CallAsync("ping"));
        Assert.Equal("ok", await v1.CallAsync("stop", "h"));
        Assert.Equal("ok", await v1.CallAsync("destroy", "h"));
        Assert.Equal(7u, await v1.CallAsync("spawn", "h", "echo hi"));
        Assert.Equal(new object?[] { 3u, "out", "err" }, await v1.CallAsync("link", "h", 7));
        Assert.Equal(new object?[] { 3u, "out", "err" }, await v1.CallAsync("run", "h", "x"));
        Assert.Equal(
            new object?[]
            {
                new object?[] { "stdout", "out", null },
                new object?[] { "stderr", "err and more", null },
                new object?[] { null, null, 3u },
            },
            await v1.CallAsync("stream", "h", "7"));
        Assert.Equal(
            new Dictionary<string, object?> { ["host_port"] = 61001u, ["container_port"] = 61001u },
            await v1.CallAsync("net", "h", "in"));
        Assert.Equal("ok", await v1.CallAsync("net", "h", "out", "10.0.0.1:80"));
        Assert.Equal("ok", await v1.CallAsync("copy", "h", "in", "/a", "/b"));
        Assert.Equal("ok", await v1.CallAsync("copy", "h", "out", "/a", "/b", "me"));
        Assert.Equal(4096ul, await v1.CallAsync("limit", "h", "mem", 4096));
        Assert.Equal(4096ul, await v1.CallAsync("limit", "h", "disk", 4096));
        Assert.Equal("rate: 1 burst: 2", await v1.CallAsync("limit", "h", "bandwidth", 1, 2));
        Assert.Equal(new object?[] { "h1", "h2" }, await v1.CallAsync("list"));
        Assert.Equal("text", await v1.CallAsync("echo", "text"));
    }

    [Fact]
    public async Task Create_takes_bind_mounts_with_both_forms_of_a_mode()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        await using WardenClient client = new(server.SocketPath);
        WardenV1Client v1 = new(client);

        Assert.Equal("made 0 0", await v1.CallAsync("create"));
        Assert.Equal(
            "made 2 /a /b RO /c /d RW 10",
            await v1.CallAsync("create", new Dictionary<string, object?>
            {
                ["bind_mounts"] = new object[]
                {
                    new object[] { "/a", "/b", "ro" },
                    new object[] { "/c", "/d", new Dictionary<string, object?> { ["mode"] = "rw" } },
                },
                ["grace_time"] = 10,
            }));
    }

    [Fact]
    public async Task A_stream_is_followed_answer_by_answer()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        await using WardenClient client = new(server.SocketPath);

        List<IReadOnlyList<object?>> answers = [];
        await foreach (IReadOnlyList<object?> answer in new WardenV1Client(client).StreamAsync("h", 7))
        {
            answers.Add(answer);
        }

        Assert.Equal([["stdout", "out", null], ["stderr", "err and more", null], [null, null, 3u]], answers);
    }

    [Fact]
    public async Task Where_quotas_are_off_the_limit_of_disk_is_nothing()
    {
        Queue<LimitDiskResponse> answers = new(
            [new(), new() { BlockHard = 3 }, new() { ByteLimit = 4 }, new() { Byte = 5 }, new() { ByteHard = 6, Byte = 7 }]);
        await using FakeServer server = new(request => request.AnswerAsync(answers.Dequeue()));
        await using WardenClient client = new(server.SocketPath);
        WardenV1Client v1 = new(client);

        Assert.Null(await v1.CallAsync("limit", "h", "disk"));
        Assert.Equal(3072ul, await v1.CallAsync("limit", "h", "disk"));
        Assert.Equal(4ul, await v1.CallAsync("limit", "h", "disk"));
        Assert.Equal(5ul, await v1.CallAsync("limit", "h", "disk"));
        Assert.Equal(6ul, await v1.CallAsync("limit", "h", "disk"));
    }

    [Fact]
    public async Task Info_is_a_dictionary()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        await using WardenClient client = new(server.SocketPath);

        IReadOnlyDictionary<string, object?> info =
            Assert.IsAssignableFrom<IReadOnlyDictionary<string, object?>>(await new WardenV1Client(client).CallAsync("info", "h"));

        Assert.Equal("active", info["state"]);
        Assert.Equal(new object?[] { 1ul, 2ul }, info["job_ids"]);
        Assert.Equal(5ul, Assert.IsAssignableFrom<IReadOnlyDictionary<string, object?>>(info["cpu_stat"])["usage"]);
    }

    [Fact]
    public async Task Latin1_keeps_binary_text()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        await using WardenClient client = new(server.SocketPath);

        Assert.Equal("\xff\0\xe9", await new WardenV1Client(client, Encoding.Latin1).CallAsync("echo", "\xff\0\xe9"));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("stop")]
    [InlineData("stop", "h", "softly")]
    [InlineData("net", "h", "up")]
    [InlineData("net", "h", "out", "1.2.3.4:port")]
    [InlineData("limit", "h", "mem", "lots")]
    [InlineData("create", "grace_time:soon")]
    [InlineData("create", "bind_mount:/a,/b")]
    [InlineData("create", "colour:blue")]
    [InlineData("create", "blue")]
    [InlineData("create", "bind_mount:/a,/b,rx")]
    [InlineData("copy", "h", "up", "/a", "/b")]
    [InlineData("limit", "h", "luck")]
    [InlineData()]
    [InlineData("ping", "again")]
    public async Task What_makes_no_sense_is_refused_before_it_is_sent(params string[] command)
    {
        await using WardenClient client = new("/nonexistent");

        await Assert.ThrowsAsync<ArgumentException>(() => new WardenV1Client(client).CallAsync([.. command]));
    }
}
