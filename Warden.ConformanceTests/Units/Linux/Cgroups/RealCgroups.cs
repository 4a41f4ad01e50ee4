using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Warden.Linux.Cgroups;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

/// <summary>This machine's own hierarchies, with a parent group of the test's own that is gone with it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RealCgroups : IDisposable
{
    private readonly List<Process> _processes = [];

    public RealCgroups(bool unified = true, bool nested = false)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has control groups");
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root makes control groups");
        Layout = CgroupLayoutReader.Read("/proc");
        Skip.If(CgroupHost.FindObstacle(Layout) is not null, CgroupHost.FindObstacle(Layout));
        if (!unified)
        {
            Skip.If(Layout.IsUnifiedAlone, "cgroup v2 is all there is");
            Layout = Layout with { Unified = null };
        }

        Options = new CgroupOptions { ParentName = $"warden-test-{NewId()}", AllowNestedWarden = nested, EndWithin = Support.Deadline.Default };
        Host = CgroupHost.Make(Layout, Options);
    }

    public CgroupLayout Layout { get; }

    public CgroupOptions Options { get; }

    public ICgroupHost Host { get; }

    /// <summary>Whether containers get a group of version 2 and no other.</summary>
    public bool IsUnified => Host is UnifiedCgroupHost;

    /// <summary>Every hierarchy that a container gets a group in.</summary>
    public IEnumerable<CgroupHierarchy> Hierarchies =>
        Host is UnifiedCgroupHost unified ? [unified.Hierarchy] : Layout.Unified is null ? Layout.Used : Layout.Used.Append(Layout.Unified);

    public static string NewId() => RandomNumberGenerator.GetString("0123456789abcdefghijklmnopqrstuv", 11);

    public string PathOf(string controller, string id) =>
        Path.Combine((Host is UnifiedCgroupHost unified ? unified.Hierarchy : Layout.Find(controller)!).ParentOf(Options.ParentName), id);

    public bool Has(string controller) => IsUnified ? Layout.Unified!.Controllers.Contains(controller) : Layout.Find(controller) is not null;

    /// <summary>Starts bash, which reads its script once <see cref="Run"/> gives it one; until then it can be put into a group.</summary>
    public Process Start()
    {
        var process = Process.Start(new ProcessStartInfo("/bin/bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _processes.Add(process);
        return process;
    }

    /// <summary>Gives a started bash its script and returns its first line of output.</summary>
    public static async Task<string?> Run(Process process, string script)
    {
        await process.StandardInput.WriteLineAsync(script);
        await process.StandardInput.FlushAsync();
        return await Support.Deadline.WithinAsync(script, process.StandardOutput.ReadLineAsync());
    }

    public void Dispose()
    {
        foreach (var id in Host.List())
        {
            Host.Remove(id);
        }

        Host.RemoveParents();
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }
}
