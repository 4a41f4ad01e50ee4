using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

/// <summary>A process whose root is a directory of its own, as a container's init has one: what a copy needs of a container.</summary>
internal sealed class ChangedRoot : IDisposable
{
    public const uint UserId = 23456;

    private const string Perl = "/usr/bin/perl";
    private const string Program = "$| = 1; chroot $ARGV[0] or die; chdir '/'; print \"ready\\n\"; <STDIN>";

    private readonly TemporaryDirectory _directory = new();
    private readonly Process _process;

    public ChangedRoot()
    {
        Machine.NeedRoot();
        Requirements.Programs(Perl);
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0x1ED);
        foreach (var name in (string[])["tmp", "etc", "root", "home", "home/vcap"])
        {
            Directory.CreateDirectory(this[name]);
        }

        File.SetUnixFileMode(this["tmp"], (UnixFileMode)0x3FF);
        File.SetUnixFileMode(this["etc"], (UnixFileMode)0x1ED);
        File.SetUnixFileMode(this["root"], (UnixFileMode)0x1C0);
        _process = Process.Start(new ProcessStartInfo(Perl, ["-e", Program, _directory.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    public ContainerRoot OpenRoot() => ContainerRoot.Open(_process.Id, () => !_process.HasExited);

    /// <summary>Where a path of the container lies on the host.</summary>
    public string this[string path] => $"{_directory.Path}/{path.TrimStart('/')}";

    /// <summary>Ends the process as a destroy ends init.</summary>
    public void End()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
        _directory.Dispose();
    }
}
