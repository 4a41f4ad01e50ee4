using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Client;
using Warden.Spec.Client.V1;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>V1 mode: commands as arrays of words, answers as plain values (§7).</summary>
public abstract class Version1Specification(Target target) : Specification(target)
{
    private WardenClient _client = null!;
    private WardenV1Client _mode = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Use();
    }

    [SkippableFact]
    [Clause("WRD-V1-001")]
    [Clause("WRD-V1-002")]
    public async Task PlainValuesAreAnswered()
    {
        Assert.Equal("pong", await CallAsync("ping"));
        Assert.Equal("a text", await CallAsync("echo", "a text"));
        var handle = await CreateAsync();
        Assert.Contains(handle, Assert.IsAssignableFrom<IEnumerable<object>>(await CallAsync("list")));
        Assert.Equal("ok", await CallAsync("stop", handle));
        Assert.Equal("ok", await CallAsync("destroy", handle));
        Assert.Equal("unknown handle", (await Assert.ThrowsAsync<WardenErrorException>(() => CallAsync("destroy", handle))).Message);
    }

    [SkippableFact]
    [Clause("WRD-V1-003")]
    public async Task JobsAnswerWithLists()
    {
        var handle = await CreateAsync();
        Assert.Equal([3U, "out\n", "err\n"], List(await CallAsync("run", handle, "echo out; echo err >&2; exit 3")));
        var job = await CallAsync("spawn", handle, "echo hi; exit 4");
        Assert.IsType<uint>(job);
        Assert.Equal([4U, "hi\n", ""], List(await CallAsync("link", handle, $"{job}")));
    }

    [SkippableFact]
    [Clause("WRD-V1-009")]
    public async Task StreamAnswersWithLists()
    {
        var handle = await CreateAsync();
        var job = Assert.IsType<uint>(await CallAsync("spawn", handle, "echo hi; exit 4"));
        var frames = new List<IReadOnlyList<object?>>();
        await foreach (var frame in _mode.StreamAsync(handle, job))
        {
            frames.Add(frame);
        }

        Assert.Equal(["stdout", "hi\n", null], frames[0]);
        Assert.Equal(4U, frames[^1][2]);
    }

    [SkippableFact]
    [Clause("WRD-V1-004")]
    public async Task NetAnswersWithAMapOrOk()
    {
        var handle = await CreateAsync();
        var ports = Map(await CallAsync("net", handle, "in"));
        Assert.Equal(ports["host_port"], ports["container_port"]);
        foreach (var destination in (string[])["4.2.2.2", "4.2.2.0/24", "4.2.2.2:53", "4.2.2.0/24:80"])
        {
            Assert.Equal("ok", await CallAsync("net", handle, "out", destination));
        }
    }

    [SkippableFact]
    [Clause("WRD-V1-005")]
    public async Task CopyAnswersOk()
    {
        var handle = await CreateAsync();
        Assert.Equal("ok", await CallAsync("copy", handle, "in", Host.Write("file", "content"), "/tmp/file"));
        Assert.Equal("ok", await CallAsync("copy", handle, "out", "/tmp/file", Host["back"]));

        Assert.Equal("content", await File.ReadAllTextAsync(Host["back"]));
    }

    [SkippableFact]
    [Clause("WRD-V1-006")]
    public async Task LimitsAnswerWithBytesOrText()
    {
        await StartServerAsync("server: { quota: { disk_quota_enabled: true } }");
        Use();
        var handle = await CreateAsync();
        Assert.Equal("9223372036854771712", $"{await CallAsync("limit", handle, "mem")}");
        Assert.Equal("104857600", $"{await CallAsync("limit", handle, "mem", "104857600")}");
        Assert.Equal("0", $"{await CallAsync("limit", handle, "disk")}");
        Assert.Equal("10485760", $"{await CallAsync("limit", handle, "disk", "10485760")}");
        Assert.Equal("rate: 100000 burst: 2000", await CallAsync("limit", handle, "bandwidth", "100000", "2000"));
    }

    [SkippableFact]
    [Clause("WRD-V1-007")]
    public async Task InfoAnswersWithAMap()
    {
        var handle = await CreateAsync();
        var info = Map(await CallAsync("info", handle));

        Assert.Equal("active", info["state"]);
        Assert.IsType<string>(info["host_ip"]);
        Assert.True(Map(info["memory_stat"]).ContainsKey("total_rss"));
    }

    [SkippableFact]
    [Clause("WRD-V1-008")]
    public async Task CreateTakesBindMountsAndAGraceTime()
    {
        var source = Host.Make("shared");
        Host.Write("shared/file", "content");
        foreach (object mode in (object[])["ro", new Dictionary<string, object> { ["mode"] = "ro" }])
        {
            var handle = await CreateAsync(new Dictionary<string, object>
            {
                ["bind_mounts"] = new List<object> { new List<object> { source, "/mnt/x", mode } },
                ["grace_time"] = 100,
            });

            Assert.Equal([0U, "content", ""], List(await CallAsync("run", handle, "cat /mnt/x/file")));
            Assert.Equal(1U, List(await CallAsync("run", handle, "touch /mnt/x/new"))[0]);
        }
    }

    private static IReadOnlyList<object?> List(object? value) => Assert.IsAssignableFrom<IReadOnlyList<object?>>(value);

    private static IReadOnlyDictionary<string, object> Map(object? value) =>
        Assert.IsAssignableFrom<IReadOnlyDictionary<string, object>>(value);

    private void Use()
    {
        _client = Own(new WardenClient(WardenEndpoint.Unix(Server.SocketPath)));
        _mode = new WardenV1Client(_client);
    }

    private Task<object?> CallAsync(params object[] command) => _mode.CallAsync(command).WaitAsync(Deadline.Default);

    private async Task<string> CreateAsync(params object[] options)
    {
        var handle = Assert.IsType<string>(await CallAsync(["create", .. options]));
        Track(handle);
        return handle;
    }
}
