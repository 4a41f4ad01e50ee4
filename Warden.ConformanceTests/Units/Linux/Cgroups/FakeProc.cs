using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

/// <summary>A proc and the directories of cgroup hierarchies as some host has them.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FakeProc : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _mounts = ["21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"];
    private readonly List<string> _groups = [];

    public FakeProc()
    {
        _directory.Make("proc");
        _directory.Make("proc/self");
        WriteKernel("cpuset", "cpu", "cpuacct", "memory", "devices", "freezer", "blkio", "pids");
    }

    public string Path => _directory["proc"];

    public string this[string name] => _directory[name];

    /// <summary>Adds a hierarchy: its line in self/cgroup and its mount.</summary>
    public FakeProc Add(string controllers, string own, string root = "/", string mount = "", string options = "rw", string visible = "")
    {
        if (mount.Length == 0)
        {
            mount = $"sys/{controllers}";
        }

        _groups.Add(controllers == "" ? $"0::{own}" : $"{_groups.Count + 1}:{controllers}:{own}");
        return Mount(controllers, root, mount, options, visible);
    }

    /// <summary>Adds a mount, and the group beneath it that is to be there.</summary>
    public FakeProc Mount(string controllers, string root, string mount, string options = "rw", string visible = "")
    {
        Directory.CreateDirectory(System.IO.Path.Combine(_directory[mount], visible));
        File.WriteAllText(System.IO.Path.Combine(_directory[mount], "cgroup.procs"), "");
        var type = controllers == "" ? "cgroup2" : "cgroup";
        var superOptions = controllers == "" ? "rw,nsdelegate" : $"rw,{controllers}";
        var place = _directory[mount].Replace(" ", "\\040", StringComparison.Ordinal);
        _mounts.Add($"{30 + _mounts.Count} 25 0:{20 + _mounts.Count} {root} {place} {options},nosuid shared:9 - {type} {type} {superOptions}");
        Save();
        return this;
    }

    /// <summary>The line of a hierarchy that is not mounted.</summary>
    public FakeProc AddUnmounted(string controllers)
    {
        _groups.Add($"{_groups.Count + 1}:{controllers}:/");
        Save();
        return this;
    }

    public FakeProc WriteKernel(params string[] controllers)
    {
        var lines = controllers.Select((name, index) => $"{name.TrimStart('!')}\t{index + 1}\t1\t{(name.StartsWith('!') ? 0 : 1)}");
        _directory.Write("proc/cgroups", $"#subsys_name\thierarchy\tnum_cgroups\tenabled\n{string.Join('\n', lines)}\n");
        return this;
    }

    public void Dispose() => _directory.Dispose();

    private void Save()
    {
        _directory.Write("proc/self/mountinfo", string.Join('\n', _mounts) + "\n");
        _directory.Write("proc/self/cgroup", string.Join('\n', _groups) + "\n");
    }
}
