using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>true and false: a status and nothing else.</summary>
internal sealed class ExitProgram(string name, int status) : EmulatedProgram
{
    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/" + name];

    public override ValueTask<int> RunAsync(Process process) => ValueTask.FromResult(status);
}
