using System.CommandLine;
using System.Net;
using Warden.Spec;
using Warden.Spec.Cli;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Logging;

namespace Warden.Emulator.Commands;

/// <summary>The command line of <c>warden-emulator</c>.</summary>
internal static class EmulatorCommandLine
{
    private static readonly Option<string?> SocketOption = new("--socket")
    {
        Description = "Path of the Unix socket; auto picks a fresh one. Without it the configuration's unix_domain_path.",
        HelpName = "PATH|auto",
    };

    private static readonly Option<string?> TcpOption = new("--tcp")
    {
        Description = "Listen on TCP as well; port 0 picks one, an omitted host is 127.0.0.1.",
        HelpName = "HOST:PORT",
    };

    private static readonly Option<FileInfo?> ConfigOption = new("--config")
    {
        Description = "A YAML configuration with the keys of the Warden server.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> SupervisedOption = new("--supervised")
    {
        Description = "Let the emulated machine outlive its server: standard input takes drain, crash and start, a line each.",
    };

    private static readonly Option<bool> PrivilegedOption = new("--privileged") { Description = "Run the script as root." };

    private static readonly Argument<string> ScriptArgument = new("SCRIPT") { Description = "What bash in the container reads." };

    /// <summary>Runs the command line and returns the process's exit status.</summary>
    public static async Task<int> InvokeAsync(string[] args)
    {
        var configuration = new InvocationConfiguration
        {
            // Signals drain the server or interrupt the script; the commands take them themselves.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        return await ClientCommands.TryRunOneShotAsync(args, ["serve", "exec", "repl"]).ConfigureAwait(false)
            ?? await MakeRoot().Parse(args).InvokeAsync(configuration).ConfigureAwait(false);
    }

    private static RootCommand MakeRoot()
    {
        var serve = new Command("serve", "Serve until a signal (the default).") { SocketOption, TcpOption, ConfigOption, SupervisedOption };
        serve.SetAction(ServeAsync);

        var exec = new Command("exec", "Run a script in a container of an emulator of its own.") { PrivilegedOption, ScriptArgument };
        exec.SetAction((result, cancellationToken) =>
            ExecCommand.RunAsync(result.GetRequiredValue(ScriptArgument), result.GetValue(PrivilegedOption), cancellationToken));

        var root = new RootCommand("A Warden server in memory. `warden-emulator [--socket PATH] -- COMMAND …` sends one command to a server.")
        {
            SocketOption, TcpOption, ConfigOption, SupervisedOption, serve, exec, ClientCommands.MakeRepl(SocketOption),
        };
        root.SetAction(ServeAsync);
        return root;
    }

    private static async Task<int> ServeAsync(ParseResult result, CancellationToken cancellationToken)
    {
        try
        {
            var (configuration, warnings) = ReadConfiguration(result.GetValue(ConfigOption));
            using var loggers = WardenLogging.CreateFactory(configuration.Logging);
            var socket = result.GetValue(SocketOption);
            var options = new WardenEmulatorOptions
            {
                Configuration = configuration,
                ConfigurationWarnings = warnings,
                SocketPath = socket == "auto" ? null : socket ?? configuration.Server.SocketPath,
                TcpEndPoint = result.GetValue(TcpOption) is { } tcp ? ParseTcp(tcp) : null,
                LoggerFactory = loggers,
            };
            return await ServeCommand.RunAsync(options, result.GetValue(SupervisedOption), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WardenException or ConfigurationException or IOException)
        {
            await Console.Error.WriteLineAsync($"warden-emulator: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static (WardenConfiguration Configuration, IReadOnlyList<string> Warnings) ReadConfiguration(FileInfo? file)
    {
        if (file is null)
        {
            return (WardenEmulatorOptions.DefaultConfiguration, []);
        }

        var read = ConfigurationReader.Load(file.FullName, WardenEmulatorOptions.DefaultConfiguration);
        return (read.Configuration, read.Warnings);
    }

    private static IPEndPoint ParseTcp(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon <= 0 ? "127.0.0.1" : text[..colon];
        return IPEndPoint.TryParse($"{(host == "localhost" ? "127.0.0.1" : host)}:{text[(colon + 1)..]}", out var endPoint)
            ? endPoint
            : throw new WardenException($"--tcp: expected HOST:PORT with an address, found '{text}'");
    }
}
