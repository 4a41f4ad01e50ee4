using Warden.Spec.Client;

namespace Warden.Spec.Cli;

/// <summary>A script in a container, whose output is this process's.</summary>
public static class ScriptRun
{
    private const string OutputExceeded = "command exceeded maximum output";

    /// <summary>Runs a script in a container and passes on what it prints as it comes.</summary>
    /// <param name="client">The server.</param>
    /// <param name="handle">The container.</param>
    /// <param name="script">What bash reads.</param>
    /// <param name="privileged">As root.</param>
    /// <param name="cancellationToken">Ends the passing on; the script goes on.</param>
    /// <returns>The script's exit status.</returns>
    public static async Task<int> RunAsync(
        WardenClient client, string handle, string script, bool privileged, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var options = new JobOptions { Privileged = privileged };
        var job = await client.SpawnAsync(handle, script, options, cancellationToken).ConfigureAwait(false);

        using var stdout = StandardStream.Output();
        using var stderr = StandardStream.Error();
        var status = 255;
        await foreach (var part in client.StreamAsync(handle, job, cancellationToken).ConfigureAwait(false))
        {
            if (part.HasData)
            {
                var output = part.Name == "stderr" ? stderr : stdout;
                await output.WriteAsync(part.Data.Memory, cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            if (part.HasExitStatus)
            {
                status = (int)part.ExitStatus;
                if (part.Info.Events.Contains(OutputExceeded))
                {
                    await Console.Error.WriteLineAsync(
                        "The script was killed: it printed more than server.job_output_limit of the configuration.").ConfigureAwait(false);
                }
            }
        }

        return status;
    }
}
