using Warden.Spec;
using Warden.Spec.Cli;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>
/// <c>warden exec SCRIPT</c>: a server of its own, a container, the script in it; its output as it comes, its status, and nothing left.
/// </summary>
/// <param name="host">The machine.</param>
internal sealed class ExecCommand(ILinuxHost host)
{
    /// <summary>Runs a script.</summary>
    /// <param name="file">The configuration, of which the root filesystem and what containers are given counts.</param>
    /// <param name="script">What bash reads.</param>
    /// <param name="privileged">As root.</param>
    /// <param name="cancellationToken">Ends the script, as a signal does.</param>
    /// <returns>The script's exit status.</returns>
    /// <exception cref="WardenException">There is no root filesystem, or something else is lacking.</exception>
    public async Task<int> RunAsync(ConfigurationFile file, string script, bool privileged, CancellationToken cancellationToken)
    {
        var rootfs = LinuxDefaults.RootfsOf(file.Configuration);
        if (!Directory.Exists(rootfs))
        {
            throw new WardenException($"there is no root filesystem at {rootfs}: make it with 'warden setup', once");
        }

        if (host.FindObstacle(file.Configuration) is { } obstacle)
        {
            throw new WardenException(obstacle);
        }

        using var interruption = new Interruption(cancellationToken);
        var server = await PrivateServer.StartAsync(host, file, interruption.Token).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var handle = await server.Client.CreateAsync(interruption.Token).ConfigureAwait(false);
            return await ScriptRun.RunAsync(server.Client, handle, script, privileged, interruption.Token).ConfigureAwait(false);
        }
    }
}
