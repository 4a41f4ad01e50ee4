using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>The tree of the built-in root file system, without its programs: names and texts of a minimal Debian 12.</summary>
internal static class RootFiles
{
    private const int Plain = 0x1A4;
    private const int Open = 0x1ED;
    private const int Everyone = 0x3FF;
    private const int Device = 0x1B6;

    private const string OsRelease = """
        PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
        NAME="Debian GNU/Linux"
        VERSION_ID="12"
        VERSION="12 (bookworm)"
        VERSION_CODENAME=bookworm
        ID=debian
        HOME_URL="https://www.debian.org/"
        SUPPORT_URL="https://www.debian.org/support"
        BUG_REPORT_URL="https://bugs.debian.org/"

        """;

    private const string Profile = """
        # System-wide settings of Bourne shells' login sessions.
        if [ "$(id -u)" -eq 0 ]; then
          PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        else
          PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
        fi
        export PATH

        """;

    private const string Users = """
        root:x:0:0:root:/root:/bin/bash
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
        bin:x:2:2:bin:/bin:/usr/sbin/nologin
        sys:x:3:3:sys:/dev:/usr/sbin/nologin
        sync:x:4:65534:sync:/bin:/bin/sync
        man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
        mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
        backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

        """;

    private const string Groups = """
        root:x:0:
        daemon:x:1:
        bin:x:2:
        sys:x:3:
        adm:x:4:
        tty:x:5:
        disk:x:6:
        mail:x:8:
        man:x:12:
        sudo:x:27:
        www-data:x:33:
        backup:x:34:
        shadow:x:42:
        staff:x:50:
        users:x:100:
        nogroup:x:65534:

        """;

    private const string Services = """
        echo 7/tcp
        echo 7/udp
        discard 9/tcp sink null
        ftp 21/tcp
        ssh 22/tcp
        telnet 23/tcp
        smtp 25/tcp mail
        domain 53/tcp
        domain 53/udp
        http 80/tcp www
        pop3 110/tcp
        ntp 123/udp
        imap2 143/tcp imap
        https 443/tcp
        https 443/udp
        syslog 514/udp

        """;

    private const string Protocols = """
        ip 0 IP
        icmp 1 ICMP
        tcp 6 TCP
        udp 17 UDP
        ipv6 41 IPv6
        ipv6-icmp 58 IPv6-ICMP

        """;

    /// <summary>Makes the tree.</summary>
    internal static ImageDirectory MakeRoot()
    {
        var usr = Tree(
            ("bin", Tree()), ("sbin", Tree()), ("lib", Tree(("os-release", Text(OsRelease)))), ("lib64", Tree()), ("games", Tree()),
            ("include", Tree()), ("src", Tree()),
            ("local", Tree(("bin", Tree()), ("sbin", Tree()), ("lib", Tree()), ("share", Tree()), ("etc", Tree()))),
            ("share", Tree(("doc", Tree()), ("man", Tree()), ("zoneinfo", Tree()))));
        var var = Tree(
            ("backups", Tree()), ("cache", Tree()), ("lib", Tree()), ("local", Tree()), ("lock", new ImageLink("/run/lock")),
            ("log", Tree()), ("mail", Tree()), ("opt", Tree()), ("run", new ImageLink("/run")), ("spool", Tree()),
            ("tmp", new ImageDirectory(Everyone)), ("vcap", Tree()));
        return Tree(
            ("bin", new ImageLink("usr/bin")), ("boot", Tree()), ("dev", MakeDevices()), ("etc", MakeSettings()),
            ("home", Tree(("vcap", new ImageDirectory(Open) { UserId = ImageNode.ContainerUser, GroupId = ImageNode.ContainerUser }))),
            ("lib", new ImageLink("usr/lib")), ("lib64", new ImageLink("usr/lib64")), ("media", Tree()), ("mnt", Tree()),
            ("opt", Tree()), ("proc", new ImageComputed(0x16D, ProcFiles.MakeRoot)), ("root", new ImageDirectory(0x1C0)),
            ("run", Tree(("lock", new ImageDirectory(Everyone)))), ("sbin", new ImageLink("usr/sbin")), ("srv", Tree()),
            ("sys", MakeSys()), ("tmp", new ImageDirectory(Everyone)), ("usr", usr), ("var", var));
    }

    private static ImageDirectory MakeSettings() => Tree(
        ("passwd", new ImageText(Plain, container =>
            $"{Users}vcap:x:{container.UserId}:{container.UserId}::/home/vcap:/bin/bash\n")),
        ("group", new ImageText(Plain, container => $"{Groups}vcap:x:{container.UserId}:\n")),
        ("shadow", new ImageFile(0x1A0, ByteText.ToBytes("root:*:19700:0:99999:7:::\nvcap:!:19700:0:99999:7:::\n")) { GroupId = 42 }),
        ("hosts", new ImageText(Plain, container =>
            $"127.0.0.1 localhost\n{container.Options.Address} {container.Id}\n")),
        ("hostname", new ImageText(Plain, container => container.HostName + "\n")),
        ("resolv.conf", new ImageText(Plain, container => container.Options.ResolverConfiguration)),
        ("os-release", new ImageLink("../usr/lib/os-release")),
        ("debian_version", Text("12.5\n")),
        ("issue", Text("Debian GNU/Linux 12 \\n \\l\n\n")),
        ("nsswitch.conf", Text("passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n")),
        ("profile", Text(Profile)),
        ("profile.d", Tree()),
        ("bash.bashrc", Text("# System-wide settings of interactive bash shells.\n")),
        ("shells", Text("/bin/sh\n/bin/bash\n/usr/bin/sh\n/usr/bin/bash\n")),
        ("services", Text(Services)),
        ("protocols", Text(Protocols)),
        ("environment", Text("")),
        ("fstab", Text("")),
        ("mtab", new ImageLink("../proc/self/mounts")),
        ("default", Tree()),
        ("init.d", Tree()),
        ("opt", Tree()),
        ("skel", Tree()),
        ("ssl", Tree(("certs", Tree()))));

    private static ImageDirectory MakeDevices()
    {
        var devices = Tree(
            ("console", new ImageDevice(0x180, 5, 1)), ("fd", new ImageLink("/proc/self/fd")), ("full", new ImageDevice(Device, 1, 7)),
            ("mqueue", new ImageDirectory(Everyone)), ("null", new ImageDevice(Device, 1, 3)), ("pts", Tree()),
            ("random", new ImageDevice(Device, 1, 8)), ("shm", new ImageDirectory(Everyone) { MountType = "tmpfs" }),
            ("stderr", new ImageLink("/proc/self/fd/2")), ("stdin", new ImageLink("/proc/self/fd/0")),
            ("stdout", new ImageLink("/proc/self/fd/1")), ("tty", new ImageDevice(Device, 5, 0)),
            ("urandom", new ImageDevice(Device, 1, 9)), ("zero", new ImageDevice(Device, 1, 5)));
        return new ImageDirectory(Open) { MountType = "devtmpfs" }.With(devices);
    }

    private static ImageDirectory MakeSys() => new ImageDirectory(0x16D) { MountType = "sysfs" }.With(Tree(
        ("class", Tree(("net", Tree()))), ("devices", Tree()), ("fs", Tree(("cgroup", Tree()))), ("kernel", Tree()), ("module", Tree())));

    private static ImageDirectory With(this ImageDirectory directory, ImageDirectory content)
    {
        foreach (var (name, node) in content.Children)
        {
            directory.Build(name, node);
        }

        return directory;
    }

    private static ImageFile Text(string text) => new(Plain, ByteText.ToBytes(text));

    private static ImageDirectory Tree(params ReadOnlySpan<(string Name, ImageNode Node)> children)
    {
        var directory = new ImageDirectory(Open);
        foreach (var (name, node) in children)
        {
            directory.Build(name, node);
        }

        return directory;
    }
}
