using System.Diagnostics;
using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

[SupportedOSPlatform("linux")]
public sealed class CopyOutTests : IDisposable
{
    // A directory of the tree and a link out of it take turns under one name.
    private const string Swap =
        "$| = 1; chdir $ARGV[0]; print \"swapping\\n\"; " +
        "while (1) { rename 'tree/sub', 'kept'; rename 'trap', 'tree/sub'; rename 'tree/sub', 'trap'; rename 'kept', 'tree/sub' }";

    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public async Task ATreeComesBackAsItWasSent()
    {
        using var container = new ChangedRoot();
        var tree = new RandomTree(Seed.For(nameof(ATreeComesBackAsItWasSent)), container["tmp/tree"]);
        HostSystem.Run("chown", "-hR", $"{ChangedRoot.UserId}", container["tmp/tree"]);

        // A file that its owner may not read is an error; it is judged elsewhere.
        HostSystem.Run("chmod", "-R", "u+r", container["tmp/tree"]);
        await OutAsync(container, "/tmp/tree", _host["back"]);
        tree.ExpectAt(_host["back/tree"]);
        Assert.Equal(["0 0"], RandomTree.Owners(_host["back/tree"]));

        await OutAsync(container, "/tmp/tree/", _host["owned"], "65534:1");
        Assert.Equal(["65534 1"], RandomTree.Owners(_host["owned"]));
    }

    [SkippableFact]
    public async Task WhatTheUserMayNotReadIsAnErrorAndLeavesNothing()
    {
        using var container = new ChangedRoot();
        Directory.CreateDirectory(container["tmp/closed"]);
        File.SetUnixFileMode(container["tmp/closed"], (UnixFileMode)0x1C0);
        await File.WriteAllTextAsync(container["root/secret"], "x");
        foreach (var source in (string[])["/root/secret", "/root", "/tmp/closed/", "/missing"])
        {
            var failure = await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, source, _host["out"]));
            Assert.StartsWith($"Cannot copy {source} from the container: ", failure.Message, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(container["tmp/file"], "x");
        var missing = await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/file", _host["no/such"]));
        Assert.Equal($"Cannot copy /tmp/file to {_host["no/such"]} on the host: No such file or directory", missing.Message);
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/file", _host["out"], "no-such-user"));
        Assert.Empty(Directory.GetFileSystemEntries(_host.Path));
    }

    [SkippableFact]
    public async Task ALinkIsNotFollowedOnEitherSide()
    {
        using var container = new ChangedRoot();
        var secret = _host.Write("secret", "the host's");
        File.CreateSymbolicLink(container["tmp/link"], secret);
        File.CreateSymbolicLink(container["tmp/dir"], _host.Path);
        await OutAsync(container, "/tmp/link", _host["copied"]);
        Assert.Equal(secret, new FileInfo(_host["copied"]).LinkTarget);
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/dir/secret", _host["no"]));
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/dir/", _host["no"]));
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/proc/self/root" + secret, _host["no"]));

        await File.WriteAllTextAsync(container["tmp/plain"], "new");
        _host.Make("into");
        File.CreateSymbolicLink(_host["into/plain"], secret);
        await OutAsync(container, "/tmp/plain", _host["into"]);
        Assert.Null(new FileInfo(_host["into/plain"]).LinkTarget);
        Assert.Equal("the host's", await File.ReadAllTextAsync(secret));
    }

    [SkippableFact]
    public async Task AProgramThatRunsAsItsOwnerComesOutAsAnOrdinaryOne()
    {
        using var container = new ChangedRoot();
        await File.WriteAllTextAsync(container["tmp/program"], "x");
        File.SetUnixFileMode(container["tmp/program"], (UnixFileMode)0xDED);
        await OutAsync(container, "/tmp/program", _host["program"]);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(_host["program"]));
    }

    [SkippableFact]
    public async Task ATreeThatChangesUnderTheCopyLeadsNotOut()
    {
        using var container = new ChangedRoot();
        _host.Make("outside");
        _host.Write("outside/file", "the host's");
        Directory.CreateDirectory(container["tmp/tree"]);
        Directory.CreateDirectory(container["tmp/tree/sub"]);
        File.CreateSymbolicLink(container["tmp/trap"], _host["outside"]);
        await File.WriteAllTextAsync(container["tmp/tree/sub/file"], "the container's");
        Requirements.Programs("/usr/bin/perl");
        using var swap = Process.Start(new ProcessStartInfo("/usr/bin/perl", ["-e", Swap, container["tmp"]]) { RedirectStandardOutput = true })!;
        Assert.Equal("swapping", swap.StandardOutput.ReadLine());
        for (var index = 0; index < 200; index++)
        {
            try
            {
                await OutAsync(container, "/tmp/tree/", _host.Make($"out-{index}"));
            }
            catch (WardenException)
            {
                // What is swapped away may fail; it may not lead elsewhere.
            }

            var file = _host[$"out-{index}/sub/file"];
            Assert.False(new FileInfo(_host[$"out-{index}/sub"]).LinkTarget is null && File.Exists(file)
                && await File.ReadAllTextAsync(file) == "the host's");
        }

        swap.Kill();
        await swap.WaitForExitAsync();
    }

    [SkippableFact]
    public async Task ACopyThatLiesInItsSourceEnds()
    {
        using var container = new ChangedRoot();
        Directory.CreateDirectory(container["tmp/tree"]);
        File.SetUnixFileMode(container["tmp/tree"], (UnixFileMode)0x1FF);
        await File.WriteAllTextAsync(container["tmp/tree/file"], "x");
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/tree", container["tmp/tree/copy"]));
        await Assert.ThrowsAsync<WardenException>(
            () => ContainerCopy.InAsync(container.OpenRoot, ChangedRoot.UserId, container["tmp/tree"], "/tmp/tree/other", default).AsTask());
    }

    [SkippableFact]
    public async Task AFifoOfTheHostIsNotReplaced()
    {
        using var container = new ChangedRoot();
        await File.WriteAllTextAsync(container["tmp/file"], "x");
        HostSystem.Run("mkfifo", _host["fifo"]);
        await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/file", _host["fifo"]));
        Assert.Equal("fifo", HostSystem.Run("stat", "-c", "%F", _host["fifo"]));
    }

    [SkippableFact]
    public async Task ATreeOfAThousandLevelsIsRefused()
    {
        using var container = new ChangedRoot();
        HostSystem.Run("/usr/bin/perl", "-e", "chdir $ARGV[0]; for (1..1000) { mkdir 'd'; chdir 'd' or die }", container["tmp"]);
        var failure = await Assert.ThrowsAsync<WardenException>(() => OutAsync(container, "/tmp/d", _host["out"]));
        Assert.Equal("Cannot copy /tmp/d from the container: File name too long", failure.Message);
        HostSystem.Run("rm", "-rf", _host["out"], container["tmp/d"]);
    }

    private static Task OutAsync(ChangedRoot container, string source, string destination, string? owner = null) =>
        ContainerCopy.OutAsync(container.OpenRoot, ChangedRoot.UserId, source, destination, owner, CancellationToken.None).AsTask();
}
