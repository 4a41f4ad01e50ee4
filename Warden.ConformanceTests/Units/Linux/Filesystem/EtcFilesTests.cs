using System.Net;
using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

[SupportedOSPlatform("linux")]
public sealed class EtcFilesTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public void TheContainerIsNamedAndKnowsVcap()
    {
        MakeRoot();
        HostSystem.Run("chown", "0:42", _host["root/etc/shadow"]);
        HostSystem.Run("chmod", "640", _host["root/etc/shadow"]);
        Assert.Null(Write());

        Assert.Equal("0123456789a\n", Read("etc/hostname"));
        Assert.Equal("127.0.0.1 localhost\n10.254.0.2 0123456789a\n", Read("etc/hosts"));
        Assert.Equal("nameserver 192.0.2.1\n", Read("etc/resolv.conf"));
        Assert.Equal("root:x:0:0:root:/root:/bin/bash\nvcap:x:10007:10007:vcap:/home/vcap:/bin/bash\n", Read("etc/passwd"));
        Assert.Equal("root:x:0:\nvcap:x:10007:\n", Read("etc/group"));
        Assert.StartsWith("root:*:1::::::\nvcap:*:", Read("etc/shadow"), StringComparison.Ordinal);
        Assert.Equal("640 0 42", HostSystem.Run("stat", "-c", "%a %u %g", _host["upper/tmp/rootfs/etc/shadow"]));
        Assert.Equal("755 10007 10007", HostSystem.Run("stat", "-c", "%a %u %g", _host["upper/tmp/rootfs/home/vcap"]));
        Assert.Equal("750 3 4", HostSystem.Run("stat", "-c", "%a %u %g", _host["upper/tmp/rootfs/home"]));
        Assert.Equal("755 0 0", HostSystem.Run("stat", "-c", "%a %u %g", _host["upper/tmp/rootfs/etc"]));
    }

    [SkippableFact]
    public void AVcapOfTheRootFilesystemGetsTheNewUid()
    {
        MakeRoot();
        File.AppendAllText(_host["root/etc/passwd"], "other:x:10007:5::/:\nvcap:x:1001:1002:V Cap:/var/vcap:/bin/sh\n");
        File.AppendAllText(_host["root/etc/group"], "vcap:x:1002:other\n");
        Assert.Equal(1001U, Write());
        Assert.Equal(
            "root:x:0:0:root:/root:/bin/bash\nvcap:x:10007:10007:V Cap:/home/vcap:/bin/sh\nother:x:10007:5::/:\n", Read("etc/passwd"));
        Assert.Equal("root:x:0:\nvcap:x:10007:other\n", Read("etc/group"));
    }

    [SkippableFact]
    public void ARootFilesystemLeadsNotToTheHostsFiles()
    {
        MakeRoot();
        var secret = _host.Write("secret", "host:x:1:1:::\n");
        File.Delete(_host["root/etc/passwd"]);
        File.CreateSymbolicLink(_host["root/etc/passwd"], secret);
        File.Delete(_host["root/etc/shadow"]);
        HostSystem.Run("mkfifo", _host["root/etc/shadow"]);
        File.CreateSymbolicLink(_host["root/etc/resolv.conf"], secret);
        var failure = Assert.Throws<WardenException>(() => Write());
        Assert.Contains("etc/shadow that is no regular file", failure.Message, StringComparison.Ordinal);

        File.Delete(_host["root/etc/shadow"]);
        Directory.Delete(_host["upper"], true);
        Directory.CreateDirectory(_host["upper/tmp/rootfs"]);
        Write();
        Assert.DoesNotContain("host", Read("etc/passwd"), StringComparison.Ordinal);
        Assert.Equal("host:x:1:1:::\n", File.ReadAllText(secret));
        Assert.Null(new FileInfo(_host["upper/tmp/rootfs/etc/resolv.conf"]).LinkTarget);
    }

    [SkippableFact]
    public void AnEmptyRootFilesystemGetsAccountsAndHomes()
    {
        Machine.NeedRoot();
        _host.Make("root");
        Directory.CreateDirectory(_host["upper/tmp/rootfs"]);
        Write();
        Assert.Equal("root:x:0:0:root:/root:/bin/bash\nvcap:x:10007:10007:vcap:/home/vcap:/bin/bash\n", Read("etc/passwd"));
        Assert.Equal("root:x:0:\nvcap:x:10007:\n", Read("etc/group"));
        Assert.False(File.Exists(_host["upper/tmp/rootfs/etc/shadow"]));
        Assert.Equal("700 0 0", HostSystem.Run("stat", "-c", "%a %u %g", _host["upper/tmp/rootfs/root"]));
    }

    [Theory]
    [InlineData("nameserver 192.0.2.7\nsearch example.net\n", "nameserver 192.0.2.7\nsearch example.net\n")]
    [InlineData("search example.net\nnameserver 127.0.0.53\n# nameserver 192.0.2.7\n", "search example.net\n# nameserver 192.0.2.7\nnameserver 10.254.0.1\n")]
    [InlineData("nameserver ::1\nnameserver\t127.0.0.1", "nameserver 10.254.0.1\n")]
    [InlineData("nameserver 127.0.0.1\nnameserver 192.0.2.7\n", "nameserver 127.0.0.1\nnameserver 192.0.2.7\n")]
    [InlineData("", "")]
    public void TheHostsNameServersAreTheContainersUnlessItCannotReachThem(string host, string expected) =>
        Assert.Equal(expected, ResolvConf.For([], IPAddress.Parse("10.254.0.1"), host));

    [Fact]
    public void ConfiguredNameServersWin() => Assert.Equal(
        "nameserver 192.0.2.1\nnameserver 192.0.2.2\n",
        ResolvConf.For(["192.0.2.1", "192.0.2.2"], IPAddress.Parse("10.254.0.1"), "nameserver 192.0.2.7\n"));

    private void MakeRoot()
    {
        Machine.NeedRoot();
        Directory.CreateDirectory(_host["root/etc"]);
        Directory.CreateDirectory(_host["root/home"]);
        HostSystem.Run("chown", "3:4", _host["root/home"]);
        HostSystem.Run("chmod", "750", _host["root/home"]);
        HostSystem.Run("chmod", "755", _host["root/etc"]);
        File.WriteAllText(_host["root/etc/passwd"], "root:x:0:0:root:/root:/bin/bash\n");
        File.WriteAllText(_host["root/etc/group"], "root:x:0:\n");
        File.WriteAllText(_host["root/etc/shadow"], "root:*:1::::::\n");
        Directory.CreateDirectory(_host["upper/tmp/rootfs"]);
    }

    private uint? Write() => EtcFiles.Write(new ContainerDirectory(_host["upper"]), _host["root"], new EtcContent
    {
        HostName = "0123456789a",
        Address = IPAddress.Parse("10.254.0.2"),
        UserId = 10007,
        ResolvConf = "nameserver 192.0.2.1\n",
    });

    private string Read(string path) => File.ReadAllText(_host["upper/tmp/rootfs/" + path]);
}
