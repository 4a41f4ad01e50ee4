using System.Diagnostics;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// The executable <c>warden</c>: WARDEN_LINUX_EXE, or the one beside this assembly, run by dotnet. A start that may make containers gets a host
/// of its own, which ends with it.
/// </summary>
public sealed class LinuxExecutable : TargetExecutable
{
    private LinuxExecutable()
    {
    }

    public static LinuxExecutable Instance { get; } = new();

    /// <summary>The executable's words with those of its own command line.</summary>
    public static IEnumerable<string> Command(params IEnumerable<string> arguments) => LinuxEnvironment.Published is { } file
        ? [file, .. arguments]
        : [DotnetHost(), LinuxEnvironment.BuiltExecutable, .. arguments];

    /// <summary>Prepares a command in a host that is there already.</summary>
    internal static ProcessStartInfo PrepareIn(LinuxHost host, params IEnumerable<string> arguments)
    {
        var start = host.Enter(Command(arguments));
        Hasten(start);
        return start;
    }

    public override async Task<ProcessStartInfo> PrepareAsync(params IEnumerable<string> arguments)
    {
        var words = arguments.ToList();
        if (words.Contains("repl") || words.Contains("--"))
        {
            // A client needs the socket alone.
            return Start(LinuxEnvironment.Published, LinuxEnvironment.BuiltExecutable, words);
        }

        var run = await LinuxRun.CurrentAsync();
        var (groups, depot, firstUser) = run.Next();
        var configured = words.IndexOf("--config") + 1;
        if (configured > 0 && configured < words.Count && File.Exists(words[configured]))
        {
            await File.WriteAllTextAsync(
                words[configured], LinuxConfigurationText.Complete(await File.ReadAllTextAsync(words[configured]), depot, firstUser));
        }
        else if (configured == 0)
        {
            var file = run.Shared.Write($"{Path.GetFileName(depot)}.yml", LinuxConfigurationText.Complete("", depot, firstUser));
            words.InsertRange(words is ["serve" or "exec", ..] ? 1 : 0, ["--config", file]);
        }

        var start = LinuxHost.Script(["run", $"{run.KeeperId}", .. groups.Paths, "--", .. Command(words)]);
        Hasten(start);
        return start;
    }

    public override int ServingProcess(Process started, int reported) => LinuxProcesses.Find(started.Id, reported);
}
