using System.CommandLine;
using Warden.Linux.Doctor;
using Warden.Spec.Cli;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary><c>warden doctor</c>: what this host has of what containers need, what it lacks, what happens then, and the mend.</summary>
internal static class DoctorCommand
{
    private static readonly Option<FileInfo?> ConfigOption = ServerCommands.ConfigOption();

    private static readonly Option<bool> JsonOption = new("--json") { Description = "Print the report as JSON." };

    /// <summary>Makes the command. Its exit status is 1 when a server cannot start here.</summary>
    /// <param name="inspect">Looks at the host.</param>
    public static Command Make(Func<WardenConfiguration, HostReport> inspect)
    {
        var doctor = new Command("doctor", "Tell what this host has of what containers need, what it lacks, and the mend.") { ConfigOption, JsonOption };
        doctor.SetAction((result, cancellationToken) => ServerCommands.RunAsync(LinuxDefaults.Program, async () =>
        {
            var configuration = ServerCommands.ReadConfiguration(result.GetValue(ConfigOption), LinuxDefaults.Configuration).Configuration;
            var report = inspect(configuration);
            var text = result.GetValue(JsonOption) ? ReportJson.Write(report) + "\n" : ReportText.Write(report);
            await Console.Out.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
            return report.CanServe ? 0 : 1;
        }));
        return doctor;
    }
}
