namespace Warden.Emulator.Shell.Expansion;

/// <summary>The variables that an arithmetic expression reads and writes.</summary>
internal interface IArithmeticVariables
{
    /// <summary>The value of a variable or of an element; null when it is unset.</summary>
    /// <param name="name">The name.</param>
    /// <param name="subscript">What stood between brackets; null without.</param>
    string? Read(string name, string? subscript);

    void Write(string name, string? subscript, long value);

    /// <summary>Whether an unset variable is an error (set -u).</summary>
    bool UnsetIsError { get; }
}
