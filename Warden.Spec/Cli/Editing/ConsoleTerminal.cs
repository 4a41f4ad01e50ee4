namespace Warden.Spec.Cli.Editing;

/// <summary>The terminal of this process.</summary>
internal sealed class ConsoleTerminal : ILineTerminal
{
    public int Width
    {
        get
        {
            try
            {
                return Console.WindowWidth;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    /// <summary>Whether somebody types and looks.</summary>
    internal static bool IsAvailable => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    public void Begin() => Console.TreatControlCAsInput = true;

    public void End() => Console.TreatControlCAsInput = false;

    public async Task<ConsoleKeyInfo?> ReadKeyAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The console has no way to stop waiting for a key: when the wait is given up the thread stays until the process ends.
            return await Task.Run(static ConsoleKeyInfo? () => Console.ReadKey(intercept: true), cancellationToken)
                .WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public void Write(string text) => Console.Write(text);

    public void Clear() => Console.Clear();
}
