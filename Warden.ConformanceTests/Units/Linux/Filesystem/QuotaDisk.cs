using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Linux.Filesystem.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

/// <summary>
/// A file system with user quotas in an image, mounted for the test's thread alone. Whether this kernel has them is what mount(8) and
/// quotaon(8) say, not the code under test.
/// </summary>
internal sealed class QuotaDisk
{
    /// <summary>ext4 with its quotas in a hidden file, which are on when it is mounted.</summary>
    public const string Ext4 = "ext4";

    /// <summary>ext4 with its quotas in the file aquota.user, as hosts of 2012 have it.</summary>
    public const string Ext4File = "ext4 with aquota.user";

    /// <summary>XFS.</summary>
    public const string Xfs = "XFS";

    private readonly string _image;
    private readonly List<SafeFileHandle> _handles = [];

    private QuotaDisk(string image, string path)
    {
        _image = image;
        Path = path;
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>The depot's directory in it.</summary>
    public string Depot => Path + "/depot";

    /// <summary>Runs a test with a depot on such a file system.</summary>
    public static void With(string kind, TemporaryDirectory directory, Action<QuotaDisk, LinuxDepot> test) => With(kind, directory, "", disk =>
    {
        using var depot = LinuxDepot.Open(disk.Depot, quotaEnabled: true);
        Assert.Null(depot.Quota.WhyNot);
        Assert.True(depot.Quota.LimitsBytes && depot.Quota.LimitsInodes && depot.Quota.SparesRoot);
        test(disk, depot);
    });

    /// <summary>Runs a test on such a file system.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="directory">Where the image is made.</param>
    /// <param name="options">Mount options instead of those that limit users.</param>
    /// <param name="test">The test.</param>
    public static void With(string kind, TemporaryDirectory directory, string options, Action<QuotaDisk> test) => Machine.WithOwnMounts(() =>
    {
        var image = directory["image"];
        Need("truncate", "--size=1G", image);
        if (kind == Xfs)
        {
            Requirements.Programs("mkfs.xfs");
            Need("mkfs.xfs", "-q", image);
        }
        else
        {
            Requirements.Programs("mkfs.ext4");
            Need("mkfs.ext4", ["-q", "-F", .. kind == Ext4 ? (string[])["-O", "quota", "-E", "quotatype=usrquota"] : [], image]);
        }

        var disk = new QuotaDisk(image, directory.Make("disk"));
        disk.Mount(options.Length > 0 ? options : kind switch
        {
            Ext4 => "usrquota",
            Ext4File => "usrjquota=aquota.user,jqfmt=vfsv0",
            _ => "uquota",
        });
        try
        {
            if (kind == Ext4File && options.Length == 0)
            {
                Requirements.Programs("quotacheck");
                Need("quotacheck", "--create-files", "--user", "--no-remount", disk.Path);
                Need("quotaon", "--user", disk.Path);
            }

            test(disk);
        }
        finally
        {
            disk._handles.ForEach(handle => handle.Dispose());
            Machine.Unmount(disk.Path);
        }
    });

    /// <summary>Mounts it, on a loop device that goes with the mount.</summary>
    public void Mount(string options) => Need("mount", "-o", $"loop,{options}", _image, Path);

    /// <summary>An open descriptor of it, until it is unmounted.</summary>
    public SafeFileHandle Open()
    {
        Assert.Equal(0, FileAt.OpenDirectory(Path, out var directory));
        _handles.Add(directory);
        return directory;
    }

    /// <summary>What it knows of users.</summary>
    public UserLimits Limits() => new(Open(), Path);

    /// <summary>Runs a script as a user without any right of root, and returns what it complains of.</summary>
    public static string As(uint user, string script)
    {
        var (_, error) = Run("setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "bash", "-c", script);
        return error;
    }

    /// <summary>Runs a program that the machine must have what it needs for.</summary>
    public static void Need(string program, params string[] arguments)
    {
        var (status, error) = Run(program, arguments);
        Skip.If(status != 0, $"{program} {string.Join(' ', arguments)} fails on this kernel: {error}");
    }

    private static (int Status, string Error) Run(string program, params string[] arguments)
    {
        Requirements.Programs(program);
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
