using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What of the host is shown in a container, and where.</summary>
[SupportedOSPlatform("linux")]
public sealed class BindMountTests
{
    [SkippableFact]
    public async Task Directories_and_files_are_shown_in_order_and_read_only_ones_are_so_for_root()
    {
        await using var container = LiveContainer.Make();
        using var source = new TemporaryDirectory();
        source.Write("file", "content\n");
        container.Start = container.Start with
        {
            BindMounts =
            [
                new BindMountSpec(source.Path, "/made/for/it", Writable: false),
                new BindMountSpec(source.Path, "/var/run/shown", Writable: true),
                new BindMountSpec(source["file"], "/etc/a file:with, signs", Writable: false),
                new BindMountSpec("/dev", "/made/for/it", Writable: false),
            ],
        };
        await using var monitor = await container.StartAsync();
        const string script = """
            cat '/etc/a file:with, signs'; echo new >/run/shown/new
            (echo x >'/etc/a file:with, signs') 2>/dev/null || echo read-only
            (touch /made/for/it/x || touch /made/for/it/shm/x) 2>/dev/null || echo read-only
            mount -o remount,rw /made/for/it 2>/dev/null || echo kept
            """;
        var (_, stdout, stderr) = await LiveContainer.RunAsync(monitor, 1, script, privileged: true);

        Assert.Equal(("content\nread-only\nread-only\nkept\n", ""), (stdout, stderr));
        Assert.Equal("new\n", await File.ReadAllTextAsync(source["new"]));
    }

    [SkippableFact]
    public async Task A_link_in_the_root_filesystem_does_not_lead_out_of_it()
    {
        await using var container = LiveContainer.Make();
        using var source = new TemporaryDirectory();
        using var outside = new TemporaryDirectory();
        File.CreateSymbolicLink(Path.Combine(container.Directory.Upper, "away"), outside.Path);
        File.CreateSymbolicLink(Path.Combine(container.Directory.Upper, "up"), "../../../../../../../../srv");
        container.Start = container.Start with { BindMounts = [new BindMountSpec(source.Path, "/up/../up/there", Writable: true)] };
        await using (var monitor = await container.StartAsync())
        {
            Assert.Equal("there\n", (await LiveContainer.RunAsync(monitor, 1, "ls /srv")).Stdout);
            await monitor.TerminateAsync(default);
        }

        container.Start = container.Start with { BindMounts = [new BindMountSpec(source.Path, "/away/there", Writable: true)] };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());
        Assert.Contains("/away/there (child-before-pivot)", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(outside.Path));
        await container.NothingIsLeftAsync();
    }

    [SkippableTheory]
    [InlineData("/")]
    [InlineData("/srv/../.")]
    public async Task Nothing_is_mounted_over_the_root(string target)
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { BindMounts = [new BindMountSpec("/usr", target, Writable: false)] };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Equal(
            $"Cannot mount /usr over the root of the container on {target} (child-before-pivot): Invalid argument", error.Message);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task A_source_that_is_not_there_fails_the_start()
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { BindMounts = [new BindMountSpec("/nonexistent/source", "/x", Writable: false)] };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Equal(
            "Cannot find the source of a bind mount on /nonexistent/source (child-before-pivot): No such file or directory", error.Message);
        await container.NothingIsLeftAsync();
    }
}
