using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>CopyOut (§5).</summary>
public abstract class CopyOutSpecification(Target target) : Specification(target)
{
    private const string MakeTree =
        "mkdir -p /tmp/tree/sub; cd /tmp/tree; printf content > file; chmod 640 file; ln file hard; ln -s file link; " +
        "ln -s /etc/passwd abs; printf inner > sub/inner; mkfifo fifo";

    [SkippableFact]
    [Clause("WRD-COPYOUT-001")]
    public async Task AFileKeepsContentAndPermissions()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "printf content > /tmp/file; chmod 750 /tmp/file");
        await CopyAsync(connection, handle, "/tmp/file", Host["renamed"]);
        await CopyAsync(connection, handle, "/tmp/file", Host.Make("into"));

        foreach (var path in (string[])[Host["renamed"], Host["into/file"]])
        {
            Assert.Equal("content", await File.ReadAllTextAsync(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal((UnixFileMode)0x1E8, File.GetUnixFileMode(path));
            }
        }
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-002")]
    [Clause("WRD-COPYOUT-003")]
    [Clause("WRD-COPYOUT-011")]
    public async Task TheDirectoryItselfOrItsContents()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, MakeTree);
        await CopyAsync(connection, handle, "/tmp/tree", Host.Make("into"));
        await CopyAsync(connection, handle, "/tmp/tree/", Host["fresh"]);

        foreach (var root in (string[])[Host["into/tree"], Host["fresh"]])
        {
            Assert.Equal(
                ["abs", "file", "hard", "link", "sub"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(root, "abs")).LinkTarget);
            Assert.Equal("file", new FileInfo(Path.Combine(root, "link")).LinkTarget);
            Assert.Equal("inner", await File.ReadAllTextAsync(Path.Combine(root, "sub/inner")));

            // Hard links are files of their own: one is changed, the other is not.
            await File.WriteAllTextAsync(Path.Combine(root, "hard"), "changed");
            Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(root, "file")));
        }
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-004")]
    [Clause("WRD-COPYOUT-005")]
    [Clause("WRD-COPYOUT-010")]
    public async Task WhatCannotBeCopiedIsAnError()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "echo secret > /root/secret; chmod 600 /root/secret", ("privileged", true));
        await OutputAsync(connection, handle, "echo x > /tmp/file");

        Assert.NotEqual("", await FailAsync(connection, handle, "/tmp/missing", Host["a"]));
        Assert.NotEqual("", await FailAsync(connection, handle, "/root/secret", Host["b"]));
        Assert.NotEqual("", await FailAsync(connection, handle, "/tmp/file", Host["no/such/file"]));
        Assert.Empty(Directory.GetFileSystemEntries(Host.Path));
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-006")]
    [Clause("WRD-COPYOUT-007")]
    public async Task TheOwnerIsRootOrTheOneAskedFor()
    {
        Need(ClauseNeeds.Root);
        Skip.IfNot(OperatingSystem.IsLinux(), "owners are judged on Linux");
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, MakeTree);
        await CopyAsync(connection, handle, "/tmp/tree/", Host["root"]);
        await connection.CallAsync(
            "CopyOut", ("handle", handle), ("src_path", "/tmp/tree/"), ("dst_path", Host["user"]), ("owner", "nobody"));
        await connection.CallAsync(
            "CopyOut", ("handle", handle), ("src_path", "/tmp/tree/"), ("dst_path", Host["group"]), ("owner", "nobody:daemon"));

        foreach (var name in (string[])["file", "link", "sub", "sub/inner"])
        {
            Assert.Equal("0 0", Owner("root", name));
            Assert.StartsWith("65534 ", Owner("user", name));
            Assert.Equal("65534 1", Owner("group", name));
        }

        string Owner(string root, string name)
        {
            var status = HostSystem.Status(Host[$"{root}/{name}"]);
            return $"{status.UserId} {status.GroupId}";
        }
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-008")]
    public async Task AnUnknownOwnerIsAnError()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        foreach (var owner in (string[])["no-such-user", "no-such-user:root", "root:no-such-group"])
        {
            Assert.NotEqual("", await connection.FailAsync(
                "CopyOut", ("handle", handle), ("src_path", "/etc/hostname"), ("dst_path", Host["x"]), ("owner", owner)));
        }
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-009")]
    public async Task ALinkAsTheSourceReadsNothingOfTheHost()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var secret = Host.Write("secret", "the host's");
        await OutputAsync(connection, handle, $"ln -s {secret} /tmp/trap; ln -s {Host.Path} /tmp/dir; ln -s ../../../../../../..{secret} /tmp/up");
        foreach (var source in (string[])["/tmp/trap", "/tmp/dir/secret", "/tmp/dir/", "/tmp/up"])
        {
            var target = Host.Make("out" + Faker.Random.AlphaNumeric(6));
            await connection.SendAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", target));
            await connection.ReadAsync();
            Assert.DoesNotContain(
                Directory.GetFiles(target, "*", SearchOption.AllDirectories),
                file => new FileInfo(file).LinkTarget is null && File.ReadAllText(file) == "the host's");
        }
    }

    private static Task CopyAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.CallAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", destination));

    private static Task<string> FailAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.FailAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", destination));
}
