using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>CopyIn (§5).</summary>
public abstract class CopyInSpecification(Target target) : Specification(target)
{
    /// <summary>Name, kind, mode, target, owner and links of each entry. The links of a directory are its file system's affair.</summary>
    private const string Listing = "find . -mindepth 1 -printf '%P %y %m %l %u %n\\n' | sed 's/^\\([^ ]* d .*\\) [0-9]*$/\\1/' | sort";

    [SkippableFact]
    [Clause("WRD-COPYIN-001")]
    public async Task AFileKeepsContentAndPermissionsAndIsVcaps()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var source = Host.Write("script.sh", "echo run\n");
        SetMode(source, 0x1E8);
        await CopyAsync(connection, handle, source, "/tmp/renamed");
        await CopyAsync(connection, handle, source, "/tmp");

        Assert.Equal("run\n", await OutputAsync(connection, handle, "/tmp/renamed"));
        Assert.Equal("750 vcap\n750 vcap\n", await OutputAsync(connection, handle, "stat -c '%a %U' /tmp/renamed /tmp/script.sh"));
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-002")]
    [Clause("WRD-COPYIN-004")]
    [Clause("WRD-COPYIN-005")]
    public async Task WithoutSlashTheDirectoryItselfIsCopied()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var source = MakeTree();
        await OutputAsync(connection, handle, "mkdir /tmp/into");
        await CopyAsync(connection, handle, source, "/tmp/into");

        Assert.Equal(
            """
            tree d 755  vcap
            tree/abs l 777 /etc/passwd vcap 1
            tree/file f 640  vcap 1
            tree/hard f 640  vcap 1
            tree/link l 777 file vcap 1
            tree/sub d 755  vcap
            tree/sub/inner f 644  vcap 1

            """,
            await OutputAsync(connection, handle, $"cd /tmp/into; {Listing}"));
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-003")]
    public async Task WithSlashTheContentsAreCopied()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await CopyAsync(connection, handle, MakeTree() + "/", "/tmp/fresh");

        Assert.Equal("abs\nfile\nhard\nlink\nsub\n", await OutputAsync(connection, handle, "ls /tmp/fresh"));
        Assert.Equal("content", await OutputAsync(connection, handle, "cat /tmp/fresh/hard"));
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-006")]
    [Clause("WRD-COPYIN-007")]
    [Clause("WRD-COPYIN-008")]
    public async Task WhatCannotBeCopiedIsAnError()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var source = Host.Write("file", "x");

        Assert.NotEqual("", await FailAsync(connection, handle, Host["missing"], "/tmp"));
        Assert.NotEqual("", await FailAsync(connection, handle, source, "/tmp/no/such/file"));
        Assert.NotEqual("", await FailAsync(connection, handle, source, "/etc/file"));
        Assert.NotEqual("", await FailAsync(connection, handle, source, "/root/file"));
        Assert.Equal(1UL, (await RunAsync(connection, handle, "test -e /etc/file -o -e /tmp/no", ("privileged", true))).Status);
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-009")]
    public async Task FifosArePassedOver()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no FIFOs");
        var (connection, handle) = await ConnectAndCreateAsync();
        Host.Make("tree");
        Host.Write("tree/file", "x");
        HostSystem.Run("mkfifo", Host["tree/fifo"]);
        await CopyAsync(connection, handle, Host["tree"], "/tmp");

        Assert.Equal("file\n", await OutputAsync(connection, handle, "ls /tmp/tree"));
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-010")]
    public async Task LargeBinaryFilesArriveAndComeBack()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var data = Faker.Random.Bytes(5000000);
        await File.WriteAllBytesAsync(Host["data"], data);
        await CopyAsync(connection, handle, Host["data"], "/tmp/data");
        Assert.Equal("5000000\n", await OutputAsync(connection, handle, "wc -c < /tmp/data"));

        await connection.CallAsync("CopyOut", ("handle", handle), ("src_path", "/tmp/data"), ("dst_path", Host["back"]));
        Assert.Equal(data, await File.ReadAllBytesAsync(Host["back"]));
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-011")]
    public async Task ALinkInTheContainerLeadsNotToTheHost()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var source = Host.Write("file", "planted");
        var outside = Host.Make("outside");
        await OutputAsync(connection, handle, $"ln -s {outside} /tmp/trap; ln -s ../../../../../..{outside} /tmp/trap2");
        foreach (var destination in (string[])["/tmp/trap/file", "/tmp/trap", "/tmp/trap2/file", "/tmp/trap2"])
        {
            // Whether it fails or replaces the link is the container's affair.
            await connection.SendAsync("CopyIn", ("handle", handle), ("src_path", source), ("dst_path", destination));
            await connection.ReadAsync();
            Assert.Empty(Directory.GetFileSystemEntries(outside));
        }
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-012")]
    public async Task TimesAreNotKept()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var source = Host.Write("old", "x");
        File.SetLastWriteTimeUtc(source, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        await CopyAsync(connection, handle, source, "/tmp/old");

        Assert.True(long.Parse(await OutputAsync(connection, handle, "stat -c %Y /tmp/old")) > 1600000000);
    }

    [SkippableFact]
    [Clause("WRD-COPYIN-013")]
    [Clause("WRD-COPYIN-014")]
    [Clause("WRD-COPYIN-015")]
    public async Task ARelativeDestinationIsMadeInVcapsHome()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no permissions");
        var (connection, handle) = await ConnectAndCreateAsync();
        Host.Make("tree");
        SetMode(Host.Write("tree/program", "x"), 0xDED);
        SetMode(Host["tree"], 0x5E8);
        await CopyAsync(connection, handle, Host["tree/program"], "new/");
        await CopyAsync(connection, handle, Host["tree/"], "contents");
        await CopyAsync(connection, handle, Host["tree"], "around");
        await CopyAsync(connection, handle, Host["tree/program"], "plain");

        Assert.Equal(
            "755\n755\n750\n755\n755\n750\n755\n",
            await OutputAsync(connection, handle, "cd /home/vcap; stat -c %a new new/program contents contents/program around around/tree plain"));
        Assert.NotEqual("", await FailAsync(connection, handle, Host["tree"], "no/such"));
    }

    private static Task CopyAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.CallAsync("CopyIn", ("handle", handle), ("src_path", source), ("dst_path", destination));

    private static Task<string> FailAsync(WireConnection connection, string handle, string source, string destination) =>
        connection.FailAsync("CopyIn", ("handle", handle), ("src_path", source), ("dst_path", destination));

    private static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }

    private string MakeTree()
    {
        Directory.CreateDirectory(Host["tree"]);
        SetMode(Host["tree"], 0x1ED);
        SetMode(Host.Write("tree/file", "content"), 0x1A0);
        HostSystem.Link(Host["tree/file"], Host["tree/hard"]);
        File.CreateSymbolicLink(Host["tree/link"], "file");
        File.CreateSymbolicLink(Host["tree/abs"], "/etc/passwd");
        Directory.CreateDirectory(Host["tree/sub"]);
        SetMode(Host["tree/sub"], 0x1ED);
        SetMode(Host.Write("tree/sub/inner", "inner"), 0x1A4);
        return Host["tree"];
    }
}
