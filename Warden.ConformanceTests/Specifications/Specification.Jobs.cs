using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Jobs as the tests see them.</summary>
public abstract partial class Specification
{
    /// <summary>Runs a script to its end.</summary>
    protected static async Task<JobResult> RunAsync(
        WireConnection connection, string handle, string script, params (string Field, object? Value)[] fields) =>
        new(await connection.CallAsync("Run", [("handle", handle), ("script", script), .. fields]));

    /// <summary>Runs a script that must end with 0 and print nothing to standard error, and returns its output.</summary>
    protected static async Task<string> OutputAsync(
        WireConnection connection, string handle, string script, params (string Field, object? Value)[] fields)
    {
        var result = await RunAsync(connection, handle, script, fields);
        Assert.True(result is { Status: 0, Error: "" }, $"`{script}`: {result}");
        return result.Output;
    }

    protected static async Task<ulong> SpawnAsync(
        WireConnection connection, string handle, string script, params (string Field, object? Value)[] fields) =>
        (await connection.CallAsync("Spawn", [("handle", handle), ("script", script), .. fields])).Number("job_id");

    protected static async Task<JobResult> LinkAsync(WireConnection connection, string handle, ulong jobId) =>
        new(await connection.CallAsync("Link", ("handle", handle), ("job_id", jobId)));

    /// <summary>Streams a job to its end.</summary>
    protected static async Task<StreamResult> StreamAsync(WireConnection connection, string handle, ulong jobId)
    {
        await connection.SendAsync("Stream", ("handle", handle), ("job_id", jobId));
        return await StreamResult.ReadAsync(connection);
    }

    protected static Task<WireMessage> InfoAsync(WireConnection connection, string handle) =>
        connection.CallAsync("Info", ("handle", handle));

    /// <summary>
    /// Sends a request whose answer is long in coming, and returns when the server is at it: it has answered what stands before it on the same
    /// connection, which it serves in order, and then much that came later on another one.
    /// </summary>
    protected async Task BeginAsync(WireConnection connection, string command, params (string Field, object? Value)[] fields)
    {
        await connection.SendBytesAsync((byte[])[.. WireFrame.Request("Ping"), .. WireFrame.Request(command, fields)]);
        await connection.ReadAsync("Ping");
        var later = await ConnectAsync();
        for (var count = 0; count < 20; count++)
        {
            await later.CallAsync("Ping");
        }
    }

    /// <summary>Waits until the container no longer lists the job as running.</summary>
    protected static Task JobEndedAsync(WireConnection connection, string handle, ulong jobId) =>
        Deadline.UntilAsync($"job {jobId} has ended", async () =>
            !(await InfoAsync(connection, handle)).Numbers("job_ids").Contains(jobId));

    /// <summary>Waits until a file is there in the container: the way in which a script says how far it is.</summary>
    protected static Task FileAppearsAsync(WireConnection connection, string handle, string path) =>
        Deadline.UntilAsync($"{path} appears", async () =>
            (await RunAsync(connection, handle, $"test -e {path}", ("privileged", true))).Status == 0);

    /// <summary>Waits until the container is gone.</summary>
    protected static Task GoneAsync(WireConnection connection, string handle) =>
        Deadline.UntilAsync($"container {handle} is gone", async () =>
            !(await connection.CallAsync("List")).Texts("handles").Contains(handle));
}
