using System.CommandLine;
using Warden.Linux.Setup;
using Warden.Spec.Cli;

namespace Warden.Linux.Commands;

/// <summary><c>warden setup</c>: makes the root filesystem and the depot of this host. What is there stays.</summary>
internal static class SetupCommand
{
    private static readonly Option<FileInfo?> ConfigOption = ServerCommands.ConfigOption();

    private static readonly Option<string?> RootfsOption = new("--rootfs")
    {
        Description = "A tarball or directory to copy the root filesystem from, instead of installing packages.",
        HelpName = "TARBALL|DIRECTORY",
    };

    private static readonly Option<string?> PackagesOption = new("--packages")
    {
        Description = "Packages to install beside the usual ones.",
        HelpName = "A,B",
    };

    private static readonly Option<string?> SizeOption = new("--depot-size")
    {
        Description = "The size of the depot's image where one is made, such as 20G. The default is half of what is free, at most 64G.",
        HelpName = "SIZE",
    };

    /// <summary>Makes the command.</summary>
    /// <param name="disk">What is done to the depot.</param>
    public static Command Make(IDepotDisk disk)
    {
        var setup = new Command("setup", "Make the root filesystem and the depot of this host, once.")
        {
            ConfigOption, RootfsOption, PackagesOption, SizeOption,
        };
        setup.SetAction((result, cancellationToken) => ServerCommands.RunAsync(LinuxDefaults.Program, async () =>
        {
            using var interruption = new Interruption(cancellationToken);
            return await RunAsync(result, disk, interruption.Token).ConfigureAwait(false);
        }));
        return setup;
    }

    private static async Task<int> RunAsync(ParseResult result, IDepotDisk disk, CancellationToken cancellationToken)
    {
        var recipe = RootfsRecipe.Parse(result.GetValue(RootfsOption), result.GetValue(PackagesOption));
        var size = result.GetValue(SizeOption) is { } text ? DepotPreparation.ParseSize(text) : (long?)null;
        var configuration = ServerCommands.ReadConfiguration(result.GetValue(ConfigOption), LinuxDefaults.Configuration).Configuration;
        Privilege.Require("setup");

        var programs = HostPrograms.OfHost();
        var rootfs = LinuxDefaults.RootfsOf(configuration);
        var made = await new RootfsBuilder(programs, AptSources.Read()).EnsureAsync(rootfs, recipe, cancellationToken).ConfigureAwait(false);
        await Console.Out.WriteLineAsync(made ? $"The root filesystem is {rootfs}." : $"The root filesystem is {rootfs}; it was there.").ConfigureAwait(false);

        var depot = LinuxDefaults.DepotOf(configuration);
        using var held = DepotLock.TryTake(depot);
        await Console.Out.WriteLineAsync(held is null
            ? $"The depot is {depot}; a server works on it, so it stays as it is."
            : new DepotPreparation(programs, disk).Ensure(depot, configuration.Server.DiskQuotaEnabled, size)).ConfigureAwait(false);
        return 0;
    }
}
