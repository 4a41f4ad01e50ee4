using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>The operator's executables at the four steps of a container's start.</summary>
public sealed class HookTests : LinuxServerTests
{
    private static readonly string[] Steps = ["parent-before-clone", "parent-after-clone", "child-before-pivot", "child-after-pivot"];

    [SkippableFact]
    public async Task EachRunsAtItsStepWithTheContainersNames()
    {
        using var directory = new TemporaryDirectory();
        foreach (var step in Steps)
        {
            Write(directory, step, $"echo {step} $WARDEN_ID ${{WARDEN_PID:-none}} >> {directory["told"]}");
        }

        await using var connection = await StartAsync($"server: {{ hooks: {directory.Path} }}");
        var handle = await CreateAsync(connection);

        var told = (await File.ReadAllLinesAsync(directory["told"])).Select(line => line.Split(' ')).ToList();
        Assert.Equal(Steps, told.Select(words => words[0]));
        Assert.All(told, words => Assert.Equal(handle, words[1]));
        Assert.All(told.Skip(1), words => Assert.Matches("^[0-9]+$", words[2]));
        Assert.Equal("fine\n", await OutputAsync(connection, handle, "echo fine"));
    }

    [SkippableTheory]
    [InlineData("parent-before-clone")]
    [InlineData("parent-after-clone")]
    [InlineData("child-before-pivot")]
    [InlineData("child-after-pivot")]
    public async Task AFailureFailsTheCreateWithItsMessageAndLeavesNothing(string step)
    {
        using var directory = new TemporaryDirectory();
        Write(directory, step, "echo the operator says no >&2; exit 3");
        await using var connection = await StartAsync($"server: {{ hooks: {directory.Path} }}");
        var error = await connection.FailAsync("Create");

        Assert.Contains("the operator says no", error, StringComparison.Ordinal);
        Assert.Contains(step, error, StringComparison.Ordinal);
        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        await NothingIsLeftAsync();
        File.Delete(directory[step]);
        Assert.Equal("fine\n", await OutputAsync(connection, await CreateAsync(connection), "echo fine"));
    }

    private static void Write(TemporaryDirectory directory, string name, string script)
    {
        HostSystem.WriteProgram(directory[name], $"#!/bin/bash\n{script}\n");
    }
}
