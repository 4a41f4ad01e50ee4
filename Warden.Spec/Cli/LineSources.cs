using Warden.Spec.Cli.Editing;

namespace Warden.Spec.Cli;

/// <summary>Where a REPL's lines come from.</summary>
internal interface ILineSource
{
    /// <summary>The next line; null at the end.</summary>
    Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken);
}

/// <summary>Lines of a file or a pipe: nobody sees a prompt.</summary>
internal sealed class PlainLines(TextReader input) : ILineSource
{
    public async Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken) =>
        await input.ReadLineAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Lines typed at a terminal.</summary>
internal sealed class EditedLines(LineEditor editor) : ILineSource
{
    public Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken) => editor.ReadLineAsync(prompt, cancellationToken);
}
