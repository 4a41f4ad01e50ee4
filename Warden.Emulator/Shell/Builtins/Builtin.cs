using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>A command that the shell itself runs.</summary>
internal abstract class Builtin
{
    public abstract string Name { get; }

    /// <summary>The synopsis, which follows an invalid option.</summary>
    public virtual string Usage => Name;

    /// <summary>Whether POSIX counts it among the special ones.</summary>
    public virtual bool Special => false;

    public abstract ValueTask<int> RunAsync(BuiltinCall call);
}

/// <summary>A call of a builtin.</summary>
/// <param name="Shell">The shell that runs it.</param>
/// <param name="Arguments">Its name and its arguments.</param>
/// <param name="Compounds">Compound assignments among the arguments, by their index.</param>
internal sealed record BuiltinCall(Interpreter Shell, IReadOnlyList<string> Arguments, IReadOnlyDictionary<int, Assignment>? Compounds = null)
{
    public string Name => Arguments[0];

    /// <summary>Prints an error after the builtin's name.</summary>
    public async ValueTask<int> FailAsync(string message, int status = 1)
    {
        await Shell.ReportAsync($"{Name}: {message}");
        return status;
    }
}

/// <summary>A builtin that was called wrongly.</summary>
/// <param name="message">What follows the builtin's name; empty for the usage alone.</param>
/// <param name="showUsage">Whether the synopsis follows.</param>
/// <param name="status">The exit status.</param>
internal sealed class BuiltinUsageException(string message, bool showUsage = true, int status = 2) : Exception(message)
{
    public bool ShowUsage { get; } = showUsage;

    public int Status { get; } = status;
}
