using System.CommandLine;
using Warden.Linux.Setup;
using Warden.Spec.Cli;

namespace Warden.Linux.Commands;

/// <summary>The command line of <c>warden</c>.</summary>
/// <param name="host">The machine.</param>
/// <param name="disk">What setup does to the depot.</param>
internal sealed class LinuxCommandLine(ILinuxHost host, IDepotDisk disk)
{
    private readonly Option<string?> _socket = ServerCommands.SocketOption();
    private readonly Option<string?> _tcp = ServerCommands.TcpOption();
    private readonly Option<FileInfo?> _config = ServerCommands.ConfigOption();
    private readonly Option<bool> _privileged = ServerCommands.PrivilegedOption();
    private readonly Argument<string> _script = ServerCommands.ScriptArgument();

    /// <summary>Runs the command line and returns the process's exit status.</summary>
    public async Task<int> InvokeAsync(string[] args)
    {
        var configuration = new InvocationConfiguration
        {
            // Signals drain the server or interrupt the command; the commands take them themselves.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        var root = MakeRoot();
        return await ClientCommands.TryRunOneShotAsync(args, [.. root.Subcommands.Select(command => command.Name)]).ConfigureAwait(false)
            ?? await root.Parse(args).InvokeAsync(configuration).ConfigureAwait(false);
    }

    private RootCommand MakeRoot()
    {
        var serve = new Command("serve", "Serve until a signal (the default). Containers stay.") { _socket, _tcp, _config };
        serve.SetAction(ServeAsync);

        var exec = new Command("exec", "Run a script in a container of a server of its own.") { _privileged, _config, _script };
        exec.SetAction(ExecAsync);

        var root = new RootCommand("The Warden server of Linux. `warden [--socket PATH] -- COMMAND …` sends one command to a server.")
        {
            _socket, _tcp, _config,
            serve, exec, SetupCommand.Make(disk), ShellCommand.Make(), DoctorCommand.Make(host.Inspect), TeardownCommand.Make(host),
            ClientCommands.MakeRepl(_socket),
            CaptureCommands.MakeCapture(LinuxDefaults.Program, _socket), CaptureCommands.MakeReplay(LinuxDefaults.Program, _socket),
        };
        root.SetAction(ServeAsync);
        return root;
    }

    private Task<int> ServeAsync(ParseResult result, CancellationToken cancellationToken) =>
        ServerCommands.RunAsync(LinuxDefaults.Program, async () =>
        {
            var file = ServerCommands.ReadConfiguration(result.GetValue(_config), LinuxDefaults.Configuration);
            var tcp = result.GetValue(_tcp) is { } text ? ServerCommands.ParseTcp(text) : null;
            var socket = result.GetValue(_socket);
            using var fresh = socket == ServerCommands.FreshSocket ? new FreshSocket() : null;
            return await new ServeCommand(host, ServiceManager.OfProcess(), Console.Out)
                .RunAsync(file, fresh?.Path ?? socket, tcp, cancellationToken).ConfigureAwait(false);
        });

    private Task<int> ExecAsync(ParseResult result, CancellationToken cancellationToken) =>
        ServerCommands.RunAsync(LinuxDefaults.Program, () => new ExecCommand(host).RunAsync(
            ServerCommands.ReadConfiguration(result.GetValue(_config), LinuxDefaults.Configuration),
            result.GetRequiredValue(_script),
            result.GetValue(_privileged),
            cancellationToken));
}
