using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

[SupportedOSPlatform("linux")]
public sealed class CopyInTests : IDisposable
{
    private readonly TemporaryDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [SkippableFact]
    public async Task ATreeArrivesWholeWithItsModesAsTheUsers()
    {
        using var container = new ChangedRoot();
        var tree = new RandomTree(Seed.For(nameof(ATreeArrivesWholeWithItsModesAsTheUsers)), _host["tree"]);
        await InAsync(container, _host["tree"], "/tmp");

        tree.ExpectAt(container["tmp/tree"]);
        Assert.Equal([$"{ChangedRoot.UserId} {ChangedRoot.UserId}"], RandomTree.Owners(container["tmp/tree"]));
    }

    [SkippableTheory]
    [InlineData("/tmp/fresh", "tmp/fresh")]
    [InlineData("/tmp/fresh/", "tmp/fresh/file")]
    [InlineData("/tmp", "tmp/file")]
    [InlineData("../../tmp/fresh", "tmp/fresh")]
    public async Task AFileGoesWhereItIsSent(string destination, string expected)
    {
        using var container = new ChangedRoot();
        await InAsync(container, _host.Write("file", "content"), destination);
        Assert.Equal("content", await File.ReadAllTextAsync(container[expected]));
    }

    [SkippableFact]
    public async Task WhatTheUserMayNotWriteFails()
    {
        using var container = new ChangedRoot();
        var file = _host.Write("file", "x");
        foreach (var destination in (string[])["/etc/file", "/root/file", "/file", "/tmp/no/such"])
        {
            var failure = await Assert.ThrowsAsync<WardenException>(() => InAsync(container, file, destination));
            Assert.StartsWith($"Cannot copy {file} to {destination} in the container: ", failure.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(container["etc/file"]));
        var missing = await Assert.ThrowsAsync<WardenException>(() => InAsync(container, _host["missing"], "/tmp"));
        Assert.Equal($"Source path of the copy does not exist: {_host["missing"]}", missing.Message);
    }

    [SkippableFact]
    public async Task AFileOfRootsIsNotReplacedInAStickyDirectory()
    {
        using var container = new ChangedRoot();
        await File.WriteAllTextAsync(container["tmp/file"], "root's");
        await Assert.ThrowsAsync<WardenException>(() => InAsync(container, _host.Write("file", "x"), "/tmp/file"));
        Assert.Equal("root's", await File.ReadAllTextAsync(container["tmp/file"]));
    }

    [SkippableFact]
    public async Task LinksLeadNowhereOutOfTheContainer()
    {
        using var container = new ChangedRoot();
        var file = _host.Write("file", "planted");
        var outside = _host.Make("outside");
        File.CreateSymbolicLink(container["tmp/absolute"], outside);
        File.CreateSymbolicLink(container["tmp/up"], "../../../../../../../.." + outside);
        File.CreateSymbolicLink(container["tmp/file"], _host.Write("outside/file", "mine"));
        foreach (var destination in (string[])["/tmp/absolute/new", "/tmp/up/new", "/tmp/../../../.." + outside])
        {
            await Assert.ThrowsAsync<WardenException>(() => InAsync(container, file, destination));
        }

        Assert.Equal([_host["outside/file"]], Directory.GetFileSystemEntries(outside));
        Assert.Equal("mine", await File.ReadAllTextAsync(_host["outside/file"]));
    }

    [SkippableFact]
    public async Task ALinkInTheContainerIsReplacedByAFileAndFollowedByADirectory()
    {
        using var container = new ChangedRoot();
        _host.Make("tree");
        _host.Make("tree/sub");
        _host.Write("tree/sub/file", "new");
        _host.Write("tree/top", "new");
        await InAsync(container, _host["tree"] + "/", "/tmp/into");
        Directory.Move(container["tmp/into/sub"], container["tmp/elsewhere"]);
        File.CreateSymbolicLink(container["tmp/into/sub"], "/tmp/elsewhere");
        File.Move(container["tmp/into/top"], container["tmp/other"]);
        File.CreateSymbolicLink(container["tmp/into/top"], "/tmp/other");
        HostSystem.Run("chown", "-h", $"{ChangedRoot.UserId}", container["tmp/into/top"]);
        _host.Write("tree/sub/file", "newer");
        _host.Write("tree/top", "newer");
        await InAsync(container, _host["tree"] + "/", "/tmp/into");

        Assert.Equal("newer", await File.ReadAllTextAsync(container["tmp/elsewhere/file"]));
        Assert.Equal("new", await File.ReadAllTextAsync(container["tmp/other"]));
        Assert.Null(new FileInfo(container["tmp/into/top"]).LinkTarget);
    }

    [SkippableFact]
    public async Task AfterInitHasEndedNothingIsWritten()
    {
        using var container = new ChangedRoot();
        container.End();
        await Assert.ThrowsAsync<WardenException>(() => InAsync(container, _host.Write("file", "x"), "/tmp"));
        Assert.Empty(Directory.GetFileSystemEntries(container["tmp"]));
    }

    [SkippableFact]
    public async Task ACancelledCopyLeavesNoHalfFile()
    {
        using var container = new ChangedRoot();
        using (var file = File.OpenHandle(_host["large"], FileMode.Create, FileAccess.Write))
        {
            var block = new byte[1 << 20];
            for (var index = 0; index < 256; index++)
            {
                RandomAccess.Write(file, block, (long)index << 20);
            }
        }

        // A copy that ends before it is cancelled tells nothing.
        await Deadline.UntilAsync("a copy is cancelled midway", async () =>
        {
            using var cancellation = new CancellationTokenSource();
            var copy = ContainerCopy.InAsync(container.OpenRoot, ChangedRoot.UserId, _host["large"], "/tmp/large", cancellation.Token).AsTask();
            SpinWait.SpinUntil(() => copy.IsCompleted || new FileInfo(container["tmp/large"]) is { Exists: true, Length: > 0 });
            await cancellation.CancelAsync();
            await Task.WhenAny(copy);
            if (copy.IsCompletedSuccessfully)
            {
                File.Delete(container["tmp/large"]);
                return false;
            }

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
            return true;
        });
        Assert.False(File.Exists(container["tmp/large"]));
    }

    [SkippableFact]
    public async Task HolesStayHoles()
    {
        using var container = new ChangedRoot();
        using (var file = File.OpenHandle(_host["sparse"], FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, "begin"u8, 0);
            RandomAccess.Write(file, "middle"u8, 1L << 30);
            RandomAccess.SetLength(file, 3L << 30);
        }

        await InAsync(container, _host["sparse"], "/tmp/sparse");
        Assert.Equal(3L << 30, new FileInfo(container["tmp/sparse"]).Length);
        Assert.True(long.Parse(HostSystem.Run("stat", "-c", "%b", container["tmp/sparse"])) < 1000);
        using var copied = File.OpenHandle(container["tmp/sparse"]);
        var content = new byte[6];
        RandomAccess.Read(copied, content, 1L << 30);
        Assert.Equal("middle"u8, content);
    }

    private static Task InAsync(ChangedRoot container, string source, string destination) =>
        ContainerCopy.InAsync(container.OpenRoot, ChangedRoot.UserId, source, destination, CancellationToken.None).AsTask();
}
