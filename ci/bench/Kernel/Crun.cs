using System.Text.Json.Nodes;

namespace Warden.Bench.Kernel;

/// <summary>crun(1), with the container that <c>crun spec</c> describes: a network namespace, but no network in it.</summary>
internal sealed class Crun
{
    private const string Path = "/usr/bin/crun";
    private readonly string _root;
    private readonly string _brief;
    private readonly string _lasting;

    public Crun(Places places)
    {
        _root = System.IO.Path.Combine(places.Work, "crun");
        _brief = MakeBundle(places, "brief", "true");
        _lasting = MakeBundle(places, "lasting", "sleep", "infinity");
    }

    /// <summary>A container that runs <c>true</c>, from nothing to nothing.</summary>
    public void RunTrue() => Call("run", "--bundle", _brief, "bench-brief");

    /// <summary>Leaves a container running.</summary>
    public void Start(string id) => Call("run", "--detach", "--bundle", _lasting, id);

    /// <summary>Ends and removes it.</summary>
    public void Delete(string id) => Call("delete", "--force", id);

    private void Call(params ReadOnlySpan<string> arguments) =>
        HostPrograms.Run(Path, ["--root", _root, "--cgroup-manager", "cgroupfs", .. arguments]);

    private static string MakeBundle(Places places, string name, params string[] program)
    {
        var directory = System.IO.Path.Combine(places.Work, $"bundle-{name}");
        Directory.CreateDirectory(directory);
        var file = System.IO.Path.Combine(directory, "config.json");
        File.Delete(file);
        HostPrograms.Run(Path, "spec", "--bundle", directory);
        var specification = JsonNode.Parse(File.ReadAllText(file))!;
        specification["process"]!["terminal"] = false;
        specification["process"]!["args"] = new JsonArray([.. program.Select(word => (JsonNode)word)]);
        specification["root"]!["path"] = places.Rootfs;
        specification["linux"]!["cgroupsPath"] = $"{places.CgroupPath}/{name}";
        File.WriteAllText(file, specification.ToJsonString());
        return directory;
    }
}
