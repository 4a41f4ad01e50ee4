namespace Warden.Spec.Cli.Editing;

/// <summary>What a line editor needs of a terminal; the carriage return is the only control it uses.</summary>
internal interface ILineTerminal
{
    /// <summary>Columns.</summary>
    int Width { get; }

    /// <summary>Takes the keyboard: from now on no key has a meaning of its own.</summary>
    void Begin();

    /// <summary>Gives the keyboard back: Ctrl-C interrupts again.</summary>
    void End();

    /// <summary>Waits for a key; null when there will be none.</summary>
    Task<ConsoleKeyInfo?> ReadKeyAsync(CancellationToken cancellationToken);

    /// <summary>Writes text as it is.</summary>
    void Write(string text);

    /// <summary>Clears the screen.</summary>
    void Clear();
}
