using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Well-formed requests with values that make no sense, and bytes that are no text (§1).</summary>
public abstract class ValueSpecification(Target target) : Specification(target)
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [SkippableFact]
    [Clause("WRD-VALUE-001")]
    public async Task AnUnknownEnumValueIsNamedAndTheConnectionKept()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var mount = new WireMessage("BindMount", ("src_path", "/tmp"), ("dst_path", "/mnt"), ("mode", 7));

        Assert.Contains("mode", await connection.FailAsync("Create", ("bind_mounts", mount)), StringComparison.Ordinal);
        Assert.Contains(
            "protocol",
            await connection.FailAsync("NetOut", ("handle", handle), ("network", "4.2.2.2"), ("protocol", 9)),
            StringComparison.Ordinal);
        await connection.CallAsync("Ping");
    }

    [SkippableTheory]
    [Clause("WRD-VALUE-002")]
    [InlineData("NetIn", "host_port", 65536)]
    [InlineData("NetIn", "container_port", 70000)]
    [InlineData("NetOut", "port", 65536)]
    [InlineData("NetOut", "port_range", "1:65536")]
    public async Task APortOver65535IsNamedAndTheConnectionKept(string command, string field, object value)
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Contains(field, await connection.FailAsync(command, ("handle", handle), (field, value)), StringComparison.Ordinal);
        await connection.CallAsync("Ping");
    }

    [SkippableTheory]
    [Clause("WRD-VALUE-003")]
    [InlineData("garbage")]
    [InlineData("300.1.1.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.4/33")]
    [InlineData("2.2.2.2-1.1.1.1")]
    public async Task AnAddressThatIsNoneIsNamedAndTheConnectionKept(string address)
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Contains(
            "network", await connection.FailAsync("NetOut", ("handle", handle), ("network", address)), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("network", await connection.FailAsync("Create", ("network", address)), StringComparison.OrdinalIgnoreCase);
        await connection.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-VALUE-004")]
    public async Task AHandleThatIsNoUtf8IsAnError()
    {
        var connection = await ConnectAsync();

        Assert.NotEqual("", await connection.FailAsync("Create", ("handle", new byte[] { 0x61, 0xFF, 0xFE })));
        Assert.NotEqual("", await connection.FailAsync("Info", ("handle", new byte[] { 0xC3 })));

        // Replaced, it would be listed with U+FFFD.
        Assert.DoesNotContain((await connection.CallAsync("List")).Texts("handles"), handle => handle.Contains('\uFFFD', StringComparison.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-VALUE-005")]
    [Clause("WRD-VALUE-006")]
    public async Task EveryByteThatAJobPrintsArrives()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        byte[] script = [.. "cat\n"u8, .. AllBytes];

        Assert.Equal(AllBytes, (await connection.CallAsync("Run", ("handle", handle), ("script", script))).Bytes("stdout"));

        var linked = (await connection.CallAsync("Spawn", ("handle", handle), ("script", script))).Number("job_id");
        Assert.Equal(AllBytes, (await connection.CallAsync("Link", ("handle", handle), ("job_id", linked))).Bytes("stdout"));

        var streamed = (await connection.CallAsync("Spawn", ("handle", handle), ("script", script))).Number("job_id");
        Assert.Equal(AllBytes, (await StreamAsync(connection, handle, streamed)).Bytes("stdout"));
    }

    [SkippableFact]
    [Clause("WRD-VALUE-006")]
    public async Task AScriptThatIsNoUtf8ArrivesAsItWasSent()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        byte[] script = [.. "printf %s '"u8, 0xFF, 0xE9, 0x80, .. "' | od -An -tx1"u8];

        var output = (await connection.CallAsync("Run", ("handle", handle), ("script", script))).Text("stdout");
        Assert.Equal("ff e9 80", output.Trim());
    }
}
