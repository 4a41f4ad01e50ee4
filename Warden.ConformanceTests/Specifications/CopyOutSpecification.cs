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
    [Clause("WRD-COPYOUT-019")]
    public async Task AnUnknownOwnerIsAnError()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "echo x > /tmp/file");
        foreach (var owner in (string[])["no-such-user", "no-such-user:root", "root:no-such-group", ":", ":root", "root:", "4294967295", "root:4294967295", "-1",
            "root:-1", "4294967296", "0x0", "+0", " 0"])
        {
            Assert.NotEqual("", await connection.FailAsync(
                "CopyOut", ("handle", handle), ("src_path", "/tmp/file"), ("dst_path", Host["x"]), ("owner", owner)));
        }

        Assert.False(File.Exists(Host["x"]));
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

    /// <summary>A link is left by one copy and a later one meets it (the kind of CVE-2018-15664 and CVE-2019-14271).</summary>
    [SkippableTheory]
    [Clause("WRD-COPYOUT-012")]
    [Clause("WRD-COPYOUT-013")]
    [InlineData("/tmp/d", "O")]
    [InlineData("/tmp/d", "O/")]
    [InlineData("/tmp/d", "O/d")]
    [InlineData("/tmp/d", "O/d/")]
    [InlineData("/tmp/d/", "O/d")]
    [InlineData("/tmp/d/", "O/d/")]
    [InlineData("/tmp/d/", "O/d/.")]
    [InlineData("/tmp/d/file", "O/d")]
    [InlineData("/tmp/d/file", "O/d/")]
    [InlineData("/tmp/d/file", "O/d/new")]
    [InlineData("/tmp/d", "O/d/new")]
    [InlineData("/tmp/d/", "O/d/new/")]
    [InlineData("/tmp/d/inner", "O/d/inner")]
    [InlineData("/tmp/d/file", "O/d/../d/new")]
    [InlineData("/tmp", "O/../O/d")]
    public async Task ALinkThatAnEarlierCopyLeftIsNeverFollowed(string source, string destination)
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right of their own on Windows");
        var (connection, handle) = await ConnectAndCreateAsync();
        var outside = Host.Make("outside");
        Host.Make("outside/inner");
        Host.Write("outside/file", "the host's");
        Host.Make("O");
        await OutputAsync(connection, handle, $"ln -s {outside} /tmp/d");
        await CopyAsync(connection, handle, "/tmp/d", Host["O"]);
        Assert.Equal(outside, new FileInfo(Host["O/d"]).LinkTarget);
        await OutputAsync(connection, handle, "rm /tmp/d; mkdir -p /tmp/d/inner; echo planted > /tmp/d/file; echo planted > /tmp/d/inner/file");

        await connection.SendAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", Host[destination]));
        await connection.ReadAsync();
        await CopyAsync(connection, handle, "/tmp/d/file", Host["later"]);

        Assert.Equal(
            ["file", "inner"], Directory.GetFileSystemEntries(outside, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(outside, path)).Order());
        Assert.Equal("the host's", await File.ReadAllTextAsync(Host["outside/file"]));
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-012")]
    [Clause("WRD-COPYOUT-013")]
    public async Task ALinkThatAnEarlierCopyLeftIsReplaced()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right of their own on Windows");
        var (connection, handle) = await ConnectAndCreateAsync();
        Host.Make("outside");
        Host.Make("O");
        await OutputAsync(connection, handle, $"mkdir /tmp/t; ln -s {Host["outside"]} /tmp/t/d; ln -s {Host["outside"]} /tmp/t/f");
        await CopyAsync(connection, handle, "/tmp/t/", Host["O"]);
        await OutputAsync(connection, handle, "rm /tmp/t/d /tmp/t/f; mkdir /tmp/t/d; echo new > /tmp/t/d/file; echo new > /tmp/t/f");
        await CopyAsync(connection, handle, "/tmp/t/d", Host["O"]);
        await CopyAsync(connection, handle, "/tmp/t/f", Host["O/f"]);

        Assert.Equal("new\n", await File.ReadAllTextAsync(Host["O/d/file"]));
        Assert.Equal("new\n", await File.ReadAllTextAsync(Host["O/f"]));
        Assert.Null(new DirectoryInfo(Host["O/d"]).LinkTarget);
        Assert.Null(new FileInfo(Host["O/f"]).LinkTarget);
        Assert.Empty(Directory.GetFileSystemEntries(Host["outside"]));
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-014")]
    public async Task ALinkOfTheClientsOwnLeadsToItsDirectory()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right of their own on Windows");
        var (connection, handle) = await ConnectAndCreateAsync();
        Host.Make("real/sub");
        File.CreateSymbolicLink(Host["link"], "real");
        await OutputAsync(connection, handle, "echo x > /tmp/file");
        foreach (var destination in (string[])["link", "link/renamed", "link/sub/", "link/../link/sub/other"])
        {
            await CopyAsync(connection, handle, "/tmp/file", Host[destination]);
        }

        Assert.Equal(
            ["file", "renamed", "sub", "sub/file", "sub/other"],
            Directory.GetFileSystemEntries(Host["real"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Host["real"], path)).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-015")]
    [Clause("WRD-COPYOUT-016")]
    [Clause("WRD-COPYOUT-017")]
    public async Task ARelativeSourceArrivesInANewDirectoryWithoutSpecialBits()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no permissions");
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "mkdir tree; echo x > tree/program; chmod 6755 tree/program; chmod 2750 tree");
        await CopyAsync(connection, handle, "tree/program", Host["new/"]);
        await CopyAsync(connection, handle, "tree/", Host["contents/"]);
        await CopyAsync(connection, handle, "tree", Host["around"]);

        Assert.Equal("755 755 750 755 755 750", string.Join(' ', HostSystem.Run(
            "stat", "-c", "%a", Host["new"], Host["new/program"], Host["contents"], Host["contents/program"], Host["around"], Host["around/tree"]).Split('\n')));
    }

    [SkippableFact]
    [Clause("WRD-COPYOUT-018")]
    public async Task HolesStayHoles()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "holes are judged on Linux");
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "truncate -s 64M /tmp/sparse; printf end >> /tmp/sparse");
        await CopyAsync(connection, handle, "/tmp/sparse", Host["sparse"]);
        var words = HostSystem.Run("stat", "-c", "%s %b", Host["sparse"]).Split(' ').Select(long.Parse).ToArray();
        Assert.Equal((64L << 20) + 3, words[0]);
        Assert.InRange(words[1], 0, 8192);
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-016")]
    public async Task NothingIsReadThroughALinkThatACopyLeft()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right of their own on Windows");
        var (connection, handle) = await ConnectAndCreateAsync();
        var outside = Host.Make("outside");
        Host.Write("outside/secret", "the host's");
        await OutputAsync(connection, handle, $"ln -s {outside} /tmp/d");
        await CopyAsync(connection, handle, "/tmp/d", Host.Make("O"));
        foreach (var source in (string[])["O/d/", "O/d/secret", "O/d/../outside/secret"])
        {
            await connection.SendAsync("CopyIn", ("handle", handle), ("src_path", Host[source]), ("dst_path", "/tmp/stolen"));
            await connection.ReadAsync();
        }

        // CVE-2021-30465: a mount's source is resolved once, and not through a container's link.
        foreach (var source in (string[])["O/d", "O/d/secret"])
        {
            Assert.NotEqual("", await connection.FailAsync(
                "Create", ("bind_mounts", new WireMessage("BindMount", ("src_path", Host[source]), ("dst_path", "/mnt"), ("mode", 1)))));
        }

        Assert.NotEqual("", await connection.FailAsync("Create", ("rootfs", Host["O/d"])));
        Assert.Equal("", await OutputAsync(connection, handle, "cat /tmp/stolen /tmp/stolen/* 2>/dev/null; true"));
    }

    private static Task CopyAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.CallAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", destination));

    private static Task<string> FailAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.FailAsync("CopyOut", ("handle", handle), ("src_path", source), ("dst_path", destination));
}
