using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Setup;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Commands;

[SupportedOSPlatform("linux")]
public sealed class RootfsTests : IDisposable
{
    /// <summary>Writes down what it was called with, and makes a root filesystem in the directory behind the suite.</summary>
    private const string Builder = """
        printf '%s\n' "$@" >"${0}.arguments"
        while [ "$1" != bookworm ]; do shift; done
        mkdir -p "$2/bin" && echo bash >"$2/bin/bash"
        """;

    private static readonly string[] DefaultArguments =
        ["--variant=minbase", "--include=iproute2,procps,netcat-openbsd,iputils-ping", "bookworm"];

    private readonly TemporaryDirectory _directory = new();
    private readonly TemporaryDirectory _programs = new();

    private string Rootfs => _directory["state/rootfs"];

    public void Dispose()
    {
        _directory.Dispose();
        _programs.Dispose();
    }

    [SkippableFact]
    public async Task Mmdebstrap_makes_it_with_the_hosts_own_sources()
    {
        OnLinux();
        _programs.AddProgram("mmdebstrap", Builder);
        _programs.AddProgram("debootstrap", "exit 9");

        Assert.True(await MakeBuilder("/etc/apt/some.sources").EnsureAsync(Rootfs, new RootfsRecipe(), default));

        Assert.Equal([.. DefaultArguments, Rootfs + ".new", "/etc/apt/some.sources"], File.ReadAllLines(_programs["mmdebstrap.arguments"]));
        Assert.Equal("packages iproute2,procps,netcat-openbsd,iputils-ping\n", File.ReadAllText(Path.Combine(Rootfs, RootfsBuilder.Marker)));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Rootfs));
        Assert.Equal([Rootfs], Directory.GetFileSystemEntries(_directory["state"]));
    }

    [SkippableFact]
    public async Task Debootstrap_serves_where_it_alone_is_there_with_apts_mirror()
    {
        OnLinux();
        _programs.AddProgram("debootstrap", Builder);
        _programs.AddProgram("apt-get", """
            [ "$*" = 'indextargets --format $(CODENAME) $(REPO_URI) Created-By: Packages' ] || exit 1
            printf '%s\n' 'bookworm-security http://mirror/security/' 'bookworm http://mirror/debian/'
            """);

        Assert.True(await MakeBuilder("/etc/apt/some.sources").EnsureAsync(Rootfs, new RootfsRecipe(), default));
        Assert.Equal([.. DefaultArguments, Rootfs + ".new", "http://mirror/debian/"], File.ReadAllLines(_programs["debootstrap.arguments"]));
    }

    [SkippableFact]
    public async Task Without_either_the_mend_is_named()
    {
        OnLinux();
        var failure = await Assert.ThrowsAsync<WardenException>(() => MakeBuilder().EnsureAsync(Rootfs, new RootfsRecipe(), default));
        Assert.Equal(
            "neither mmdebstrap nor debootstrap is on this host: apt-get install mmdebstrap, or name a tarball or directory with --rootfs",
            failure.Message);
    }

    [SkippableFact]
    public async Task A_finished_one_stays()
    {
        OnLinux();
        _programs.AddProgram("mmdebstrap", Builder);
        var builder = MakeBuilder();
        Assert.True(await builder.EnsureAsync(Rootfs, new RootfsRecipe(), default));
        File.Delete(_programs["mmdebstrap"]);

        Assert.False(await builder.EnsureAsync(Rootfs, new RootfsRecipe(), default));
        var failure = await Assert.ThrowsAsync<WardenException>(() =>
            builder.EnsureAsync(Rootfs, RootfsRecipe.Parse(null, "strace"), default));
        Assert.StartsWith($"{Rootfs} holds another root filesystem already", failure.Message, StringComparison.Ordinal);

        Assert.True(RootfsBuilder.Remove(Rootfs));
        Assert.False(RootfsBuilder.Remove(Rootfs));
    }

    [SkippableFact]
    public async Task A_half_made_one_is_made_anew_and_one_that_fails_leaves_nothing()
    {
        OnLinux();
        Directory.CreateDirectory(Rootfs + ".new/old");
        _programs.AddProgram("mmdebstrap", """
            while [ "$1" != bookworm ]; do shift; done
            [ ! -e "$2" ] || exit 5
            mkdir "$2"
            exit 3
            """);
        var failure = await Assert.ThrowsAsync<WardenException>(() => MakeBuilder().EnsureAsync(Rootfs, new RootfsRecipe(), default));
        Assert.Equal("mmdebstrap ended with 3; what it says stands above", failure.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["state"]));
    }

    [SkippableFact]
    public async Task An_interrupted_one_leaves_nothing()
    {
        OnLinux();
        _programs.AddProgram("mmdebstrap", """
            while [ "$1" != bookworm ]; do shift; done
            mkdir "$2"
            exec sleep 1000
            """);
        using var interrupt = new CancellationTokenSource();
        var making = MakeBuilder().EnsureAsync(Rootfs, new RootfsRecipe(), interrupt.Token);
        await Deadline.UntilAsync("the program has begun", () => Task.FromResult(Directory.Exists(Rootfs + ".new")));

        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making.WaitAsync(Deadline.Default));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["state"]));
    }

    [SkippableFact]
    public async Task A_directory_and_a_tarball_are_copied()
    {
        OnLinux();
        Directory.CreateDirectory(_directory["given/usr/bin"]);
        File.CreateSymbolicLink(_directory["given/bin"], "usr/bin");
        File.WriteAllText(_directory["given/usr/bin/bash"], "x");
        var builder = new RootfsBuilder(HostPrograms.OfHost(), new AptSources("bookworm", null));

        Assert.True(await builder.EnsureAsync(Rootfs, RootfsRecipe.Parse(_directory["given"], null), default));
        Assert.Equal("usr/bin", new FileInfo(Path.Combine(Rootfs, "bin")).LinkTarget);

        var programs = HostPrograms.OfHost();
        await programs.RunAsync(programs.Require("tar", "tar"), ["-C", _directory["given"], "-czf", _directory["given.tar.gz"], "."], default);
        Assert.True(await builder.EnsureAsync(_directory["second"], RootfsRecipe.Parse(_directory["given.tar.gz"], null), default));
        Assert.Equal("x", File.ReadAllText(_directory["second/bin/bash"]));
    }

    [SkippableFact]
    public async Task What_has_no_bash_and_what_is_not_there_are_refused()
    {
        OnLinux();
        Directory.CreateDirectory(_directory["given"]);
        var builder = new RootfsBuilder(HostPrograms.OfHost(), new AptSources("bookworm", null));
        var without = await Assert.ThrowsAsync<WardenException>(() =>
            builder.EnsureAsync(Rootfs, RootfsRecipe.Parse(_directory["given"], null), default));
        Assert.Equal($"{_directory["given"]} has no /bin/bash, which every job needs", without.Message);
        var missing = await Assert.ThrowsAsync<WardenException>(() =>
            builder.EnsureAsync(Rootfs, RootfsRecipe.Parse(_directory["none"], null), default));
        Assert.Equal($"--rootfs: there is no {_directory["none"]}", missing.Message);
    }

    [SkippableFact]
    public async Task A_directory_of_something_else_is_left_alone()
    {
        OnLinux();
        Directory.CreateDirectory(Rootfs);
        File.WriteAllText(Path.Combine(Rootfs, "letter"), "x");
        await Assert.ThrowsAsync<WardenException>(() => MakeBuilder().EnsureAsync(Rootfs, new RootfsRecipe(), default));
        Assert.False(RootfsBuilder.Remove(Rootfs));
        Assert.True(File.Exists(Path.Combine(Rootfs, "letter")));
    }

    [Theory]
    [InlineData("a,--x", "--packages: '--x' is no name of a package")]
    [InlineData("a b", "--packages: 'a b' is no name of a package")]
    public void What_is_no_package_is_refused(string packages, string message) =>
        Assert.Equal(message, Assert.Throws<WardenException>(() => RootfsRecipe.Parse(null, packages)).Message);

    [SkippableFact]
    public void The_hosts_suite_and_sources_are_found()
    {
        OnLinux();
        Directory.CreateDirectory(_directory["etc/apt/sources.list.d"]);
        File.WriteAllText(_directory["etc/os-release"], "ID=debian\nVERSION_CODENAME=trixie\n");
        Assert.Equal(new AptSources("bookworm", null), AptSources.Read(_directory.Path));

        File.WriteAllText(_directory["etc/apt/sources.list"], "deb http://mirror trixie main\n");
        Assert.Equal(new AptSources("trixie", _directory["etc/apt/sources.list"]), AptSources.Read(_directory.Path));

        File.WriteAllText(_directory["etc/apt/sources.list.d/debian.sources"], "Types: deb\n");
        Assert.Equal(new AptSources("trixie", _directory["etc/apt/sources.list.d/debian.sources"]), AptSources.Read(_directory.Path));
    }

    private static void OnLinux() => Skip.IfNot(OperatingSystem.IsLinux(), "bash and the paths of Linux");

    private RootfsBuilder MakeBuilder(string? sources = null) =>
        new(new HostPrograms($"{_programs.Path}:/usr/lib/warden-nowhere"), new AptSources("bookworm", sources));
}
