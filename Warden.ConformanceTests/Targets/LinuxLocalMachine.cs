using System.Diagnostics;

namespace Warden.ConformanceTests.Targets;

/// <summary>The machine that the tests run on.</summary>
internal sealed class LinuxLocalMachine : LinuxMachine
{
    public override string Rootfs => LinuxEnvironment.Rootfs;

    public override int ProcessId => Environment.ProcessId;

    public override IReadOnlyList<string> Executable { get; } =
        LinuxEnvironment.Published is { } file ? [file] : [TargetExecutable.DotnetHost(), LinuxEnvironment.BuiltExecutable];

    protected override string HostScript => LinuxEnvironment.HostScript;

    public override ProcessStartInfo Prepare(params IEnumerable<string> command)
    {
        var words = command.ToList();
        var start = Redirected(words[0], words.Skip(1));
        TargetExecutable.Hasten(start);
        return start;
    }

    public override string PathOf(string path) => path;

    public override int FirstOf(int inner) => inner;

    public override int Find(Process started, int reported) => LinuxProcesses.Find(started.Id, reported);

    public override void Kill(Process started) => started.Kill(true);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
