using System.Net;
using System.Runtime.Versioning;
using Warden.Linux.Commands;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Commands;

[SupportedOSPlatform("linux")]
public sealed class ExecCommandTests : IDisposable
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeHost _host;

    public ExecCommandTests() => _host = new FakeHost(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("exit 7", false, 7)]
    [InlineData("test $(id -u) = 0", true, 0)]
    [InlineData("test $(id -u) -ge 10000", false, 0)]
    public async Task It_ends_as_the_script_does_and_leaves_nothing(string script, bool privileged, int status)
    {
        OnLinux();
        Assert.Equal(status, await new ExecCommand(_host).RunAsync(_host.File, script, privileged, default).WaitAsync(Deadline));
        AssertNothingIsLeft();
    }

    [SkippableFact]
    public async Task Interrupted_it_leaves_nothing()
    {
        OnLinux();
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ExecCommand(_host).RunAsync(_host.File, "sleep 1000", false, interrupt.Token).WaitAsync(Deadline));
        AssertNothingIsLeft();
    }

    [SkippableFact]
    public async Task Many_at_once_do_not_meet()
    {
        OnLinux();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var host = new FakeHost(_directory.Path);
            return await new ExecCommand(host).RunAsync(host.File, $"exit {i}", false, default);
        })).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 8), statuses);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [SkippableFact]
    public async Task Without_a_root_filesystem_it_says_how_to_make_one()
    {
        OnLinux();
        var file = _host.File with
        {
            Configuration = _host.Configuration with { Server = _host.Configuration.Server with { RootfsPath = _directory["none"] } },
        };
        var failure = await Assert.ThrowsAsync<WardenException>(() => new ExecCommand(_host).RunAsync(file, "true", false, default));
        Assert.Equal($"there is no root filesystem at {_directory["none"]}: make it with 'warden setup', once", failure.Message);
    }

    [SkippableFact]
    public async Task What_the_host_lacks_is_said()
    {
        OnLinux();
        _host.Obstacle = "only root may do this";
        var failure = await Assert.ThrowsAsync<WardenException>(() => new ExecCommand(_host).RunAsync(_host.File, "true", false, default));
        Assert.Equal("only root may do this", failure.Message);
    }

    [SkippableFact]
    public async Task What_a_killed_one_left_is_torn_down()
    {
        OnLinux();
        var abandoned = Directory.CreateDirectory(_directory["warden-exec-0123abcd/depot"]);
        File.WriteAllText(_directory["warden-exec-0123abcd/pool"], "10.254.7.4/30");
        File.WriteAllText(_directory["warden-exec-0123abcd/.warden-exec"], "");
        Directory.CreateDirectory(_directory["warden-exec-whatever"]);

        Assert.Equal("Removed 0 containers.", await new Teardown(_host, _host.Configuration).RunAsync(rootfsToo: true, default));

        var settings = Assert.Single(_host.Removed);
        Assert.Equal((abandoned.FullName, IPNetwork.Parse("10.254.7.4/30")), (settings.DepotPath, settings.Pool));
        Assert.Equal([_directory["warden-exec-whatever"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [SkippableFact]
    public async Task A_teardown_removes_what_is_ours_and_can_be_repeated()
    {
        OnLinux();
        Directory.CreateDirectory(_directory["depot"]);
        File.WriteAllText(_directory["depot/.counter-jobs"], "7");

        Assert.Equal("Removed 0 containers.", await new Teardown(_host, _host.Configuration).RunAsync(rootfsToo: false, default));
        _host.Strays = ["a", "b"];
        Assert.Equal("Removed 0 containers. 2 containers of other depots stay on this host.", await new Teardown(_host, _host.Configuration).RunAsync(rootfsToo: false, default));
        Assert.Equal([_directory["depot"], _directory["depot"]], _host.RemovedImages);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [SkippableFact]
    public async Task A_teardown_leaves_what_is_not_ours()
    {
        OnLinux();
        Directory.CreateDirectory(_directory["depot"]);
        File.WriteAllText(_directory["depot/letter"], "x");
        Assert.Equal(
            $"Removed 0 containers. {_directory["depot/letter"]} is not ours, so the depot stays.",
            await new Teardown(_host, _host.Configuration).RunAsync(rootfsToo: true, default));
        Assert.Empty(_host.RemovedImages);
        Assert.Equal("x", File.ReadAllText(_directory["depot/letter"]));
    }

    private static void OnLinux() => Skip.IfNot(OperatingSystem.IsLinux(), "the server of Linux");

    private void AssertNothingIsLeft()
    {
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
        var settings = Assert.Single(_host.Removed);
        Assert.Equal(30, settings.Pool.PrefixLength);
    }
}
