using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>
/// A program with the manners of GNU: messages begin with its name, output is buffered and flushed at the end, a failed system call that
/// nobody expects ends it with a message.
/// </summary>
internal abstract class GnuProgram(string name, string directory = "/usr/bin") : EmulatedProgram
{
    public string Name => name;

    public override IReadOnlyList<string> Paths { get; } = [directory + "/" + name];

    /// <summary>The status after wrong usage and after failures.</summary>
    protected virtual int FailureStatus => 1;

    protected virtual string Version => $"{name} (GNU coreutils) 9.1";

    protected abstract ValueTask<int> MainAsync(Invocation c);

    public sealed override async ValueTask<int> RunAsync(Process process)
    {
        var c = new Invocation(process, name, FailureStatus, Version);
        int status;
        try
        {
            status = await MainAsync(c);
        }
        catch (ProgramExit exit)
        {
            status = exit.Status;
        }
        catch (ErrnoException failure)
        {
            c.Warn(failure.Message);
            status = FailureStatus;
        }
        return await c.EndAsync(status);
    }
}
