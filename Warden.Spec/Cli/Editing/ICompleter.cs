namespace Warden.Spec.Cli.Editing;

/// <summary>Knows how a line may go on.</summary>
internal interface ICompleter
{
    /// <param name="line">What is typed up to the cursor.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Completion> CompleteAsync(string line, CancellationToken cancellationToken);
}

/// <summary>How a line may go on.</summary>
/// <param name="Start">Where the word begins that the candidates replace.</param>
/// <param name="Candidates">Whole words, sorted.</param>
/// <param name="IsWhole">Whether a blank follows the only candidate.</param>
internal sealed record Completion(int Start, IReadOnlyList<string> Candidates, bool IsWhole = true);
