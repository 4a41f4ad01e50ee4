using System.Diagnostics;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// The executable <c>warden</c> on a machine: here WARDEN_LINUX_EXE, or the one beside this assembly, run by dotnet. A start that may make
/// containers gets a host of its own, which ends with it.
/// </summary>
public sealed class LinuxExecutable : TargetExecutable
{
    private readonly LinuxSite _site;
    private LinuxMachine? _machine;

    internal LinuxExecutable(LinuxSite site) => _site = site;

    public override async Task<ProcessStartInfo> PrepareAsync(params IEnumerable<string> arguments)
    {
        var words = arguments.ToList();
        var run = await _site.CurrentAsync();
        _machine = run.Machine;
        if (words.Contains("repl") || words.Contains("--"))
        {
            // A client needs the socket alone.
            return _machine.Prepare([.. _machine.Executable, .. words]);
        }

        var (groups, depot, firstUser) = run.Next();
        var configured = words.IndexOf("--config") + 1;
        if (configured > 0 && configured < words.Count && File.Exists(words[configured]))
        {
            await File.WriteAllTextAsync(
                words[configured],
                LinuxConfigurationText.Complete(await File.ReadAllTextAsync(words[configured]), _machine.Rootfs, depot, firstUser));
        }
        else if (configured == 0)
        {
            var file = run.Shared.Write($"{Path.GetFileName(depot)}.yml", LinuxConfigurationText.Complete("", _machine.Rootfs, depot, firstUser));
            words.InsertRange(words is ["serve" or "exec", ..] ? 1 : 0, ["--config", file]);
        }

        return _machine.Script(["run", $"{run.KeeperId}", .. groups.Paths, "--", .. _machine.Executable, .. words]);
    }

    public override int ServingProcess(Process started, int reported) => _machine!.Find(started, reported);

    public override void Kill(Process started) => _machine!.Kill(started);
}
