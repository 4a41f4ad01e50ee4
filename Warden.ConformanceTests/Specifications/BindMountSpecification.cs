using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Bind mounts and root filesystems (§3).</summary>
public abstract class BindMountSpecification(Target target) : Specification(target)
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 1;

    [SkippableFact]
    [Clause("WRD-BIND-001")]
    [Clause("WRD-BIND-002")]
    [Clause("WRD-BIND-008")]
    public async Task AWritableMountIsTheHostsDirectory()
    {
        var source = Host.Make("shared");
        Host.Write("shared/from-host", "hello");
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", Mount(source, "/new/deep/place", ReadWrite)));

        Assert.Equal("hello", await OutputAsync(connection, handle, "cat /new/deep/place/from-host"));
        await OutputAsync(connection, handle, "echo inside > /new/deep/place/from-container; mkdir /new/deep/place/d");
        Assert.Equal("inside\n", await File.ReadAllTextAsync(Host["shared/from-container"]));
        Assert.True(Directory.Exists(Host["shared/d"]));

        Host.Write("shared/later", "live");
        Assert.Equal("live", await OutputAsync(connection, handle, "cat /new/deep/place/later"));

        await connection.CallAsync("Destroy", ("handle", handle));
        Assert.Equal("hello", await File.ReadAllTextAsync(Host["shared/from-host"]));
        Assert.Equal("inside\n", await File.ReadAllTextAsync(Host["shared/from-container"]));
    }

    [SkippableFact]
    [Clause("WRD-BIND-009")]
    public async Task FilesOfAWritableMountAreChangedOnTheHost()
    {
        var source = Host.Make("shared");
        foreach (var name in (string[])["overwritten", "appended", "shortened", "renamed", "removed"])
        {
            Host.Write($"shared/{name}", "what was there");
        }

        Host.Make("shared/one/inner");
        Host.Make("shared/empty");
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", Mount(source, "/mnt", ReadWrite)));
        await OutputAsync(
            connection,
            handle,
            "cd /mnt; echo new > overwritten; echo ' and more' >> appended; truncate -s 4 shortened; mv renamed moved; rm removed",
            ("privileged", true));
        await OutputAsync(connection, handle, "cd /mnt; mv one/inner .; mv one two; mv two inner; rmdir empty", ("privileged", true));
        var loop = await RunAsync(connection, handle, "cd /mnt; mv inner inner/two/deeper", ("privileged", true));

        Assert.Equal(
            ["appended: what was there and more\n", "moved: what was there", "overwritten: new\n", "shortened: what"],
            Directory.EnumerateFiles(source).Select(path => $"{Path.GetFileName(path)}: {File.ReadAllText(path)}").Order());
        Assert.Equal(
            ["inner", "inner/two"], Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(source, path)).Order());
        Assert.Equal("mv: cannot move 'inner' to a subdirectory of itself, 'inner/two/deeper'\n", loop.Error);
    }

    [SkippableTheory]
    [Clause("WRD-BIND-003")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AReadOnlyMountIsReadOnly(bool privileged)
    {
        var source = Host.Make("shared");
        Host.Write("shared/file", "kept");
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", Mount(source, "/mnt/ro", ReadOnly)));
        var result = await RunAsync(
            connection,
            handle,
            "cd /mnt/ro; touch /mnt/ro/new; echo x > file; rm -f file; mkdir d; chmod 777 file; chown vcap file; mv file other; ln -s file link; cat file",
            ("privileged", privileged));

        Assert.Equal("kept", result.Output);
        Assert.Contains("touch: cannot touch '/mnt/ro/new': Read-only file system", result.Error, StringComparison.Ordinal);
        Assert.Equal(8, result.Error.Split('\n').Count(line => line.EndsWith(": Read-only file system", StringComparison.Ordinal)));
        Assert.Equal(["file"], Directory.GetFileSystemEntries(source).Select(Path.GetFileName));
    }

    [SkippableFact]
    [Clause("WRD-BIND-004")]
    public async Task AMissingSourceIsNamed()
    {
        var connection = await ConnectAsync();

        Assert.Equal(
            $"Source path for bind mount does not exist: {Host["missing"]}",
            await connection.FailAsync("Create", ("bind_mounts", Mount(Host["missing"], "/mnt", ReadOnly))));
    }

    [SkippableFact]
    [Clause("WRD-BIND-005")]
    public async Task MountsAreMadeInOrder()
    {
        Host.Write(Path.Combine(Path.GetFileName(Host.Make("one")), "name"), "one");
        Host.Write(Path.Combine(Path.GetFileName(Host.Make("two")), "name"), "two");
        WireMessage[] mounts = [Mount(Host["one"], "/mnt/x", ReadOnly), Mount(Host["two"], "/mnt/x", ReadOnly)];
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", mounts));

        Assert.Equal("two", await OutputAsync(connection, handle, "cat /mnt/x/name"));
    }

    [SkippableFact]
    [Clause("WRD-BIND-007")]
    public async Task AFileCanBeBound()
    {
        var source = Host.Write("motd", "from the host\n");
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", Mount(source, "/srv/motd", ReadOnly)));

        Assert.Equal("from the host\n", await OutputAsync(connection, handle, "cat /srv/motd"));
    }

    [SkippableFact]
    [Clause("WRD-BIND-006")]
    public async Task MountsAreNotInTheHostsTable()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Root);
        var source = Host.Make("shared");
        await ConnectAndCreateAsync(("bind_mounts", Mount(source, "/mnt/hidden", ReadWrite)));

        Assert.DoesNotContain("/mnt/hidden", await File.ReadAllTextAsync(Server.PathOf("/proc/1/mountinfo")), StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-ROOTFS-001")]
    public async Task AMissingRootfsIsNamed()
    {
        var connection = await ConnectAsync();

        Assert.Equal($"rootfs {Host["none"]} not found", await connection.FailAsync("Create", ("rootfs", Host["none"])));
        Assert.Equal("rootfs /does/not/exist not found", await connection.FailAsync("Create", ("rootfs", "/does/not/exist")));
    }

    [SkippableFact]
    [Clause("WRD-ROOTFS-002")]
    [Clause("WRD-ROOTFS-003")]
    public async Task ARootfsOfTheRequestIsUsed()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Root);
        var rootfs = await Target.OtherRootfsAsync();
        Skip.If(string.IsNullOrEmpty(rootfs), "WARDEN_OTHER_ROOTFS names no second root filesystem");
        File.CreateSymbolicLink(Host["link"], rootfs);
        foreach (var path in (string[])[rootfs, Host["link"]])
        {
            var (connection, handle) = await ConnectAndCreateAsync(("rootfs", path));
            Assert.Equal(
                File.ReadAllText(Path.Combine(rootfs, "etc/debian_version")), await OutputAsync(connection, handle, "cat /etc/debian_version"));
        }
    }

    private static WireMessage Mount(string source, string destination, int mode) =>
        new("BindMount", ("src_path", source), ("dst_path", destination), ("mode", mode));
}
