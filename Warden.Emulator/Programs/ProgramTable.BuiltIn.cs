using System.Security.Cryptography;

namespace Warden.Emulator.Programs;

public sealed partial class ProgramTable
{
    /// <summary>The built-in programs. Each is named here, so that ahead-of-time compilation keeps it.</summary>
    public static IReadOnlyList<EmulatedProgram> BuiltIn { get; } =
    [
        // Files
        new Cat(), new Ls(), new Ls("dir"), new Mkdir(), new Rmdir(), new Rm(), new Cp(), new Mv(), new Ln(), new Touch(), new Chmod(),
        new Chown("chown"), new Chown("chgrp"), new Readlink(), new Realpath(), new Basename(), new Dirname(), new Pwd(), new Mktemp(),
        new Truncate(), new Fallocate(), new Dd(), new Stat(), new Df(), new Du(), new Mknod(), new Mkfifo(), new Install(), new Find(),

        // Text
        new Echo(), new Printf(), new Head(), new Tail(), new Wc(), new Yes(), new Seq(), new Tee(), new Grep("grep"),
        new Grep("egrep"), new Grep("fgrep"), new Sort(), new Uniq(), new Cut(), new Tr(), new Sed(), new AwkCommand(), new Tac(),
        new Rev(), new Paste(), new Nl(), new Comm(), new Shuf(), new Cmp(), new Fold(), new Expand(), new Factor(), new Split(), new Diff(), new Od(), new Xxd(), new Base64(), new HashSum("md5sum", HashAlgorithmName.MD5),
        new HashSum("sha1sum", HashAlgorithmName.SHA1), new HashSum("sha256sum", HashAlgorithmName.SHA256),
        new HashSum("sha384sum", HashAlgorithmName.SHA384), new HashSum("sha512sum", HashAlgorithmName.SHA512),

        // Processes
        new ExitProgram("true", 0), new ExitProgram("false", 1), new Sleep(), new Env(), new Printenv(), new Timeout(), new Nohup(),
        new Nice(), new Setsid(), new Stdbuf(), new Kill(), new ProcessMatch("pgrep"), new ProcessMatch("pkill"), new Killall(),
        new Test("test"), new Test("["), new Xargs(), new Expr(),

        // Archives
        new Gzip("gzip"), new Gzip("gunzip"), new Gzip("zcat"), new Tar(),

        // System
        new Shell.BashProgram(), new Id(), new Whoami(), new Groups(), new Logname(), new Uname(), new Date(), new Which(),
        new Hostname(), new Nproc(), new Sync(), new Tty(), new Stty(), new Mount(), new Umount(), new Mountpoint(), new Chroot(),
        new Logger(), new Getconf(), new Getent(), new Su(), new Ps(), new Free(), new Uptime(),

        // Network
        new Netcat(), new Ping(), new Curl(), new Wget(), new Ip(), new Ifconfig(), new RouteProgram(), new Ss(), new Netstat(),
    ];
}
