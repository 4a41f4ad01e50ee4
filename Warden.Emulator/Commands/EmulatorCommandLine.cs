using System.CommandLine;
using Warden.Spec.Cli;
using Warden.Spec.Server.Logging;

namespace Warden.Emulator.Commands;

/// <summary>The command line of <c>warden-emulator</c>.</summary>
internal static class EmulatorCommandLine
{
    private const string Program = "warden-emulator";

    private static readonly Option<string?> SocketOption = ServerCommands.SocketOption();

    private static readonly Option<string?> TcpOption = ServerCommands.TcpOption();

    private static readonly Option<FileInfo?> ConfigOption = ServerCommands.ConfigOption();

    private static readonly Option<bool> SupervisedOption = new("--supervised")
    {
        Description = "Let the emulated machine outlive its server: standard input takes drain, crash and start, a line each.",
    };

    private static readonly Option<bool> PrivilegedOption = ServerCommands.PrivilegedOption();

    private static readonly Argument<string> ScriptArgument = ServerCommands.ScriptArgument();

    /// <summary>Runs the command line and returns the process's exit status.</summary>
    public static async Task<int> InvokeAsync(string[] args)
    {
        var configuration = new InvocationConfiguration
        {
            // Signals drain the server or interrupt the script; the commands take them themselves.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        var root = MakeRoot();
        return await ClientCommands.TryRunOneShotAsync(args, [.. root.Subcommands.Select(command => command.Name)]).ConfigureAwait(false)
            ?? await root.Parse(args).InvokeAsync(configuration).ConfigureAwait(false);
    }

    private static RootCommand MakeRoot()
    {
        var serve = new Command("serve", "Serve until a signal (the default).") { SocketOption, TcpOption, ConfigOption, SupervisedOption };
        serve.SetAction(ServeAsync);

        var exec = new Command("exec", "Run a script in a container of an emulator of its own.") { PrivilegedOption, ScriptArgument };
        exec.SetAction((result, cancellationToken) => ServerCommands.RunAsync(Program, () =>
            ExecCommand.RunAsync(result.GetRequiredValue(ScriptArgument), result.GetValue(PrivilegedOption), cancellationToken)));

        var root = new RootCommand("A Warden server in memory. `warden-emulator [--socket PATH] -- COMMAND …` sends one command to a server.")
        {
            SocketOption, TcpOption, ConfigOption, SupervisedOption, serve, exec, ClientCommands.MakeRepl(SocketOption),
            CaptureCommands.MakeCapture(Program, SocketOption), CaptureCommands.MakeReplay(Program, SocketOption, StartAsync),
        };
        root.SetAction(ServeAsync);
        return root;
    }

    private static async Task<(IAsyncDisposable Server, string Socket)> StartAsync(CancellationToken cancellationToken)
    {
        var warden = await WardenEmulator.StartAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        return (warden, warden.SocketPath);
    }

    private static Task<int> ServeAsync(ParseResult result, CancellationToken cancellationToken) => ServerCommands.RunAsync(Program, async () =>
    {
        var read = ServerCommands.ReadConfiguration(
            result.GetValue(ConfigOption), WardenEmulatorOptions.DefaultConfiguration, WardenEmulatorOptions.UnconfiguredConfiguration);
        using var loggers = WardenLogging.CreateFactory(read.Configuration.Logging);
        var socket = result.GetValue(SocketOption);
        var options = new WardenEmulatorOptions
        {
            Configuration = read.Configuration,
            ConfigurationWarnings = read.Warnings,
            SocketPath = socket == ServerCommands.FreshSocket ? null : socket ?? read.Configuration.Server.SocketPath,
            TcpEndPoint = result.GetValue(TcpOption) is { } tcp ? ServerCommands.ParseTcp(tcp) : null,
            LoggerFactory = loggers,
        };
        return await ServeCommand.RunAsync(options, result.GetValue(SupervisedOption), cancellationToken).ConfigureAwait(false);
    });
}
