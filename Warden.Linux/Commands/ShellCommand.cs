using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Warden.Linux.Commands.Interop;
using Warden.Spec;
using Warden.Spec.Cli;
using Warden.Spec.Client;

namespace Warden.Linux.Commands;

/// <summary><c>warden shell HANDLE</c>: an interactive shell in a container, on this terminal.</summary>
internal static class ShellCommand
{
    private const string Root = "root";
    private const string OrdinaryUser = "vcap";

    private static readonly Argument<string> HandleArgument = new("HANDLE") { Description = "The container." };

    private static readonly Option<string> UserOption = new("--user")
    {
        Description = "Whose shell.",
        HelpName = $"{OrdinaryUser}|{Root}",
        DefaultValueFactory = static _ => OrdinaryUser,
    };

    private static readonly Option<string> SocketOption = WardenCommandLine.SocketOption();

    /// <summary>Makes the command.</summary>
    public static Command Make()
    {
        UserOption.AcceptOnlyFromAmong(OrdinaryUser, Root);
        var shell = new Command("shell", "Open a shell in a container.") { HandleArgument, UserOption, SocketOption };
        shell.SetAction((result, cancellationToken) => ServerCommands.RunAsync(LinuxDefaults.Program, () => RunAsync(
            result.GetRequiredValue(HandleArgument),
            result.GetRequiredValue(UserOption) == Root,
            result.GetRequiredValue(SocketOption),
            cancellationToken)));
        return shell;
    }

    private static async Task<int> RunAsync(string handle, bool asRoot, string socket, CancellationToken cancellationToken)
    {
        Privilege.Require("shell");
        if (WardenEndpoint.Parse(socket).SocketPath is null)
        {
            throw new WardenException("a shell needs the server's own host: name its Unix socket");
        }

        // The connection stays open while the shell lasts: its reference keeps the container from being destroyed (protocol.md §3, grace time).
        var client = new WardenClient(socket);
        await using (client.ConfigureAwait(false))
        {
            var info = await client.InfoAsync(handle, cancellationToken).ConfigureAwait(false);
            string[] arguments = ["attach", Path.Combine(info.ContainerPath, "run", "monitor.sock"), .. asRoot ? new[] { Root } : []];
            return await AttachAsync(arguments).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the helper on this process's terminal; it knows of the terminal, and puts it back.</summary>
    private static async Task<int> AttachAsync(string[] arguments)
    {
        var helper = Path.Combine(AppContext.BaseDirectory, "warden-helper");
        if (!File.Exists(helper))
        {
            throw new WardenException($"{helper} is not there: build it with a C compiler, or install it beside the executable");
        }

        using var process = Process.Start(new ProcessStartInfo(helper, arguments))!;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, LeaveToHelper);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, LeaveToHelper);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Signals.SendTerminate(process.Id);
        });
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return process.ExitCode;

        // The terminal sends them to the helper as well.
        static void LeaveToHelper(PosixSignalContext context) => context.Cancel = true;
    }
}
