using System.Runtime.Versioning;
using Warden.Linux.Cgroups;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public sealed class CgroupLayoutTests : IDisposable
{
    private readonly FakeProc _proc = new();

    private CgroupLayout Layout => CgroupLayoutReader.Read(_proc.Path);

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void Controllers_that_are_mounted_together_share_a_directory()
    {
        _proc.Add("cpu,cpuacct", "/system.slice/warden.service", visible: "system.slice/warden.service").Add("memory", "/").Add("devices", "/");

        Assert.Equal(_proc["sys/cpu,cpuacct/system.slice/warden.service"], Layout.Find("cpu")!.Directory);
        Assert.Equal(Layout.Find("cpu")!.Directory, Layout.Find("cpuacct")!.Directory);
        Assert.Equal(_proc["sys/memory"], Layout.Find("memory")!.Directory);
        Assert.Equal(3, Layout.Used.Count());
        Assert.Null(CgroupHost.FindObstacle(Layout));
    }

    [Fact]
    public void A_hybrid_host_has_both()
    {
        AddNeeded().Add("", "/user.slice/session-1.scope", mount: "sys/unified", visible: "user.slice/session-1.scope");

        Assert.False(Layout.IsUnifiedAlone);
        Assert.Equal(_proc["sys/unified/user.slice/session-1.scope"], Layout.Unified!.Directory);
        Assert.Null(CgroupHost.FindObstacle(Layout));
    }

    [Fact]
    public void A_host_with_version_2_alone_gives_containers_groups_of_version_2()
    {
        AddUnified("cpuset cpu io memory pids");

        Assert.True(Layout.IsUnifiedAlone);
        Assert.Null(CgroupHost.FindObstacle(Layout));
        Assert.Contains("cgroup v2 (memory, cpu, pids, cpuset, io)", CgroupHost.Detect(Options).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu pids", "memory")]
    [InlineData("memory pids", "cpu")]
    public void Version_2_without_a_controller_that_is_needed_is_refused_by_its_name(string controllers, string missing)
    {
        AddUnified(controllers);

        var error = Assert.Throws<WardenException>(() => CgroupHost.Detect(Options));
        Assert.StartsWith($"the cgroup v2 controller {missing} cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{_proc["sys/fs/cgroup"]}/cgroup.controllers does not name it", error.Message, StringComparison.Ordinal);
        Assert.Contains($"+{missing}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_2_alone_that_is_mounted_read_only_is_named_with_the_mend()
    {
        AddUnified("memory cpu", options: "ro");

        Assert.Contains($"mount -o remount,rw {_proc["sys/fs/cgroup"]}", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_that_is_switched_off_in_version_2_is_named_with_the_mend()
    {
        AddUnified("cpu").WriteKernel("cpu", "!memory");

        Assert.Contains("boot with cgroup_enable=memory", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_that_version_2_has_taken_is_said_to_be_there()
    {
        _proc.Add("cpu", "/").Add("cpuacct", "/").Add("devices", "/").Add("", "/", mount: "sys/unified");
        File.WriteAllText(_proc["sys/unified/cgroup.controllers"], "memory\n");

        Assert.Contains("controller memory cannot be used: cgroup v2 has it", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_sees_its_own_part_of_a_hierarchy_mounted()
    {
        // Docker: the group /docker/abc is what is mounted, so it is the mount point itself.
        _proc.Add("memory", "/docker/abc", root: "/docker/abc");

        Assert.Equal(_proc["sys/memory"], Layout.Find("memory")!.Directory);
    }

    [Fact]
    public void A_group_beneath_the_part_that_is_mounted_is_found_there()
    {
        _proc.Add("memory", "/docker/abc/inner", root: "/docker/abc", visible: "inner");

        Assert.Equal(_proc["sys/memory/inner"], Layout.Find("memory")!.Directory);
    }

    [Fact]
    public void A_neighbour_whose_name_begins_alike_is_not_the_own_group()
    {
        _proc.Add("memory", "/docker/abcdef", root: "/docker/abc", visible: "def");

        Assert.Equal(_proc["sys/memory"], Layout.Find("memory")!.Directory);
    }

    [Theory]
    [InlineData("/", "/../..")]
    [InlineData("/../elsewhere", "/")]
    [InlineData("/not/there", "/")]
    public void Where_the_own_group_is_not_visible_the_mount_point_serves(string own, string root)
    {
        _proc.Add("memory", own, root);

        Assert.Equal(_proc["sys/memory"], Layout.Find("memory")!.Directory);
    }

    [Fact]
    public void Of_several_mounts_the_writable_one_that_shows_the_own_group_is_taken()
    {
        _proc.Add("memory", "/a", mount: "read-only", options: "ro", visible: "a")
            .Mount("memory", "/other", "elsewhere")
            .Mount("memory", "/", "a good place", visible: "a");

        Assert.Equal(_proc["a good place/a"], Layout.Find("memory")!.Directory);
    }

    [Fact]
    public void A_hierarchy_that_is_mounted_read_only_is_named_with_the_mend()
    {
        _proc.Add("memory", "/", options: "ro").Add("cpu,cpuacct", "/").Add("devices", "/");

        Assert.Contains($"mount -o remount,rw {_proc["sys/memory"]}", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hierarchy_that_is_not_mounted_is_named_with_the_mend()
    {
        _proc.Add("memory", "/").Add("cpu,cpuacct", "/").AddUnmounted("devices");

        Assert.Contains("mount -t cgroup -o devices devices /sys/fs/cgroup/devices", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_that_is_switched_off_or_not_built_in_is_named_with_the_mend()
    {
        _proc.Add("cpu,cpuacct", "/").WriteKernel("cpu", "cpuacct", "!memory");

        Assert.Contains("boot with cgroup_enable=memory", CgroupHost.FindObstacle(Layout), StringComparison.Ordinal);
        Assert.Equal("the kernel is built without it", Layout.Obstacle("devices")!.Value.Reason);
    }

    [Fact]
    public void A_server_in_a_group_of_the_parents_name_makes_no_second_one_in_it()
    {
        _proc.Add("memory", "/a/warden", visible: "a/warden").Add("cpu", "/a", visible: "a").Add("devices", "/warden", root: "/warden");

        Assert.Equal(_proc["sys/memory/a/warden"], Layout.Find("memory")!.ParentOf("warden"));
        Assert.Equal(_proc["sys/cpu/a/warden"], Layout.Find("cpu")!.ParentOf("warden"));
        Assert.Equal(_proc["sys/devices/warden"], Layout.Find("devices")!.ParentOf("warden"));
    }

    [Fact]
    public void A_hierarchy_without_controllers_of_use_gets_no_group()
    {
        AddNeeded().Add("name=systemd", "/").Add("net_cls,net_prio", "/").Add("pids", "/");

        Assert.Equal(["memory", "cpu", "cpuacct", "devices", "pids"], Layout.Used.SelectMany(hierarchy => hierarchy.Controllers));
    }

    private CgroupOptions Options => new() { ProcPath = _proc.Path };

    private FakeProc AddUnified(string controllers, string options = "rw")
    {
        _proc.Add("", "/init.scope", mount: "sys/fs/cgroup", options: options, visible: "init.scope");
        File.WriteAllText(_proc["sys/fs/cgroup/cgroup.controllers"], $"{controllers}\n");
        return _proc;
    }

    private FakeProc AddNeeded() => _proc.Add("memory", "/").Add("cpu,cpuacct", "/").Add("devices", "/");
}
