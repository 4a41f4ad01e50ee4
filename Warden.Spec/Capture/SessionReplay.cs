using Warden.Spec.Capture.Replay;

namespace Warden.Spec.Capture;

/// <summary>
/// Plays the client's side of a transcript to a server, in the recorded order, and compares what the server does. What a server chooses or
/// measures may differ: handles, ids, addresses, paths, ports, jobs and statistics. Where one is learnt, it stands for the recorded one in
/// all later requests and answers.
/// </summary>
public static class SessionReplay
{
    /// <summary>Plays a transcript to its end or to the first divergence.</summary>
    /// <param name="options">What is played, and against whom.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WardenException">The transcript has a line that cannot be played, or nobody listens where the server should.</exception>
    /// <exception cref="IOException">The transcript cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The transcript may not be read.</exception>
    public static async Task<ReplayResult> RunAsync(ReplayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var transcript = new TranscriptReader(options.TranscriptPath);
        await using var player = new SessionPlayer(options);
        await foreach (var (number, line) in transcript.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await player.PlayAsync(line, cancellationToken).ConfigureAwait(false);
            }
            catch (DivergenceException e)
            {
                var divergence = new Divergence(number, player.Connection, player.Request, e.Expected, e.Got, e.Message);
                return new ReplayResult(player.Requests, divergence, transcript.IsTorn);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
            {
                throw new WardenException($"{options.TranscriptPath}:{number}: the line cannot be played: {e.Message}", e);
            }
        }

        return new ReplayResult(player.Requests, null, transcript.IsTorn);
    }
}
