namespace Warden.Emulator.Shell.Execution;

/// <summary>A function or a sourced file that runs.</summary>
/// <param name="Name">The function's name, or "source".</param>
/// <param name="Source">Where its text came from (BASH_SOURCE).</param>
/// <param name="CallLine">The line of the call.</param>
/// <param name="IsFunction">Whether it is a function.</param>
internal sealed record CallFrame(string Name, string Source, int CallLine, bool IsFunction)
{
    /// <summary>Whether the function set a RETURN trap, which it then runs itself.</summary>
    public bool SetsReturnTrap { get; set; }
}

/// <summary>A function and where it was defined.</summary>
internal sealed record ShellFunction(Syntax.FunctionCommand Definition, string Source)
{
    public bool Exported { get; init; }

    public bool ReadOnly { get; init; }

    public bool Trace { get; init; }
}

/// <summary>What is under way when a command ends early.</summary>
internal enum Flow
{
    None, Break, Continue, Return, Discard, Exit,
}
