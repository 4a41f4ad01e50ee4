using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Ids and handles (§3).</summary>
public abstract class IdentitySpecification(Target target) : Specification(target)
{
    /// <summary>Every command that has a handle, with what else it requires.</summary>
    public static TheoryData<string> CommandsWithHandle =>
        [.. WireSchema.Types.Keys.Where(name => name is not ("Error" or "Create" or "Ping" or "List" or "Echo"))];

    [SkippableFact]
    [Clause("WRD-CREATE-001")]
    [Clause("WRD-CREATE-006")]
    public async Task AnIdIsElevenCharactersOfBase32AndCountsUp()
    {
        var connection = await ConnectAsync();
        var ids = new List<string>();
        for (var count = 0; count < 5; count++)
        {
            ids.Add(await CreateAsync(connection));
        }

        Assert.All(ids, id => Assert.Matches("^[0-9a-v]{11}$", id));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(5, ids.Distinct().Count());
    }

    [SkippableFact]
    [Clause("WRD-CREATE-006")]
    public async Task IdsMadeAtOnceDiffer()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ConnectAsync()));
        var ids = await Task.WhenAll(connections.Select(async connection =>
            new[] { await CreateAsync(connection), await CreateAsync(connection) }));

        Assert.Equal(16, ids.SelectMany(pair => pair).Distinct().Count());
    }

    [SkippableFact]
    [Clause("WRD-CREATE-002")]
    [Clause("WRD-CREATE-003")]
    [Clause("WRD-CREATE-008")]
    public async Task AHandleIsTakenUntilItsContainerIsDestroyed()
    {
        var connection = await ConnectAsync();
        var handle = $"named {Faker.Random.AlphaNumeric(12)}";
        Assert.Equal(handle, await CreateAsync(connection, ("handle", handle)));

        Assert.Equal($"container with handle: {handle} already exists.", await connection.FailAsync("Create", ("handle", handle)));
        await connection.CallAsync("Destroy", ("handle", handle));
        Assert.Equal(handle, await CreateAsync(connection, ("handle", handle)));
    }

    [SkippableTheory]
    [Clause("WRD-CREATE-004")]
    [Clause("WRD-CREATE-005")]
    [InlineData("é中\U0001F433")]
    [InlineData("with blank")]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b\\c")]
    [InlineData("$(touch /tmp/warden-owned); `id` '\"|&")]
    [InlineData("-rf")]
    [InlineData("line\nbreak\tand\u0001")]
    [InlineData(".")]
    public async Task AnyUtf8IsAHandle(string name)
    {
        var connection = await ConnectAsync();

        // What stands after the name keeps classes that run at the same time apart.
        var handle = name + Faker.Random.AlphaNumeric(10);
        Assert.Equal(handle, await CreateAsync(connection, ("handle", handle)));

        Assert.Contains(handle, (await connection.CallAsync("List")).Texts("handles"));
        var path = (await InfoAsync(connection, handle)).Text("container_path");
        Assert.Matches("^[0-9a-v]{11}$", path.Split('/')[^1]);
        Assert.DoesNotContain(handle, path, StringComparison.Ordinal);
        Assert.Equal("in\n", await OutputAsync(connection, handle, "echo in"));
        Assert.Matches("^[0-9a-v]{11}\n$", await OutputAsync(connection, handle, "hostname"));
        Assert.False(File.Exists("/tmp/warden-owned"));
        await connection.CallAsync("Destroy", ("handle", handle));
    }

    [SkippableFact]
    [Clause("WRD-CREATE-004")]
    public async Task TheEmptyHandleAndAVeryLongOneAreHandles()
    {
        await StartServerAsync();
        var connection = await ConnectAsync();
        foreach (var handle in (string[])["", new string('h', 5000)])
        {
            Assert.Equal(handle, await CreateAsync(connection, ("handle", handle)));
            Assert.Equal("in\n", await OutputAsync(connection, handle, "echo in"));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(CommandsWithHandle))]
    [Clause("WRD-CREATE-007")]
    public async Task AnUnknownHandleIsUnknown(string command)
    {
        var connection = await ConnectAsync();
        var message = new WireMessage(command + "Request", ("handle", "never-made"));
        foreach (var field in message.Schema.Where(field => field.Rule == 'r' && field.Name != "handle"))
        {
            message.Add(field.Name, field.IsText ? "/x" : 1);
        }

        await connection.SendBytesAsync(WireFrame.Message(WireSchema.Types[command], message));
        var reply = await connection.ReadAsync();
        Assert.True(reply.IsError, $"{reply.Message}");
        Assert.Equal("unknown handle", reply.Error);
    }

    [SkippableFact]
    [Clause("WRD-CREATE-009")]
    public async Task OneOfManyGetsAHandle()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ConnectAsync()));
        var handle = $"race-{Faker.Random.AlphaNumeric(12)}";
        await Task.WhenAll(connections.Select(connection => connection.SendAsync("Create", ("handle", handle))));
        var answers = new List<WireReply>();
        foreach (var connection in connections)
        {
            answers.Add(await connection.ReadAsync());
        }

        Track(handle);
        Assert.Single(answers, answer => !answer.IsError);
        Assert.All(
            answers.Where(answer => answer.IsError),
            answer => Assert.Equal($"container with handle: {handle} already exists.", answer.Error));
    }

    [SkippableFact]
    [Clause("WRD-CREATE-010")]
    public async Task AFailedCreateTakesNothing()
    {
        // One network, one uid: whatever a failure kept would be missed.
        await StartServerAsync("""
            network: { pool_start_address: 10.254.0.0, pool_size: 1, release_delay: 0 }
            user: { pool_start_uid: 10000, pool_size: 1 }
            """);
        var connection = await ConnectAsync();
        var mount = new WireMessage("BindMount", ("src_path", Host["missing"]), ("dst_path", "/mnt"), ("mode", 0));
        for (var round = 0; round < 3; round++)
        {
            await connection.FailAsync("Create", ("handle", "kept"), ("bind_mounts", mount));
            await connection.FailAsync("Create", ("handle", "kept"), ("rootfs", Host["missing"]));
            await connection.FailAsync("Create", ("handle", "kept"), ("network", "1.1.1.1"));
        }

        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        Assert.Equal("kept", await CreateAsync(connection, ("handle", "kept")));
    }
}
