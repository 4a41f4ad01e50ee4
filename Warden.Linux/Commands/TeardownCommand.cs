using System.CommandLine;
using Warden.Spec;
using Warden.Spec.Cli;

namespace Warden.Linux.Commands;

/// <summary>
/// <c>warden teardown</c>: ends every container and removes from the host all that is ours. What was removed before is no error.
/// </summary>
internal static class TeardownCommand
{
    private static readonly Option<FileInfo?> ConfigOption = ServerCommands.ConfigOption();

    private static readonly Option<bool> YesOption = new("--yes") { Description = "Do not ask." };

    private static readonly Option<bool> RootfsOption = new("--rootfs") { Description = "Remove the root filesystem too, where setup made it." };

    /// <summary>Makes the command.</summary>
    /// <param name="host">The machine.</param>
    public static Command Make(ILinuxHost host)
    {
        var teardown = new Command("teardown", "End every container and remove what the server keeps on this host.")
        {
            ConfigOption, YesOption, RootfsOption,
        };
        teardown.SetAction((result, cancellationToken) => ServerCommands.RunAsync(LinuxDefaults.Program, async () =>
        {
            var configuration = ServerCommands.ReadConfiguration(result.GetValue(ConfigOption), LinuxDefaults.Configuration).Configuration;
            Privilege.Require("teardown");
            if (!result.GetValue(YesOption))
            {
                Confirm($"End every container of {LinuxDefaults.DepotOf(configuration)} and remove it?");
            }

            using var interruption = new Interruption(cancellationToken);
            var done = await new Teardown(host, configuration).RunAsync(result.GetValue(RootfsOption), interruption.Token).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(done).ConfigureAwait(false);
            return 0;
        }));
        return teardown;
    }

    private static void Confirm(string question)
    {
        if (Console.IsInputRedirected)
        {
            throw new WardenException("there is no terminal to ask on: say --yes");
        }

        Console.Error.Write($"{question} [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new WardenException("nothing was removed");
        }
    }
}
