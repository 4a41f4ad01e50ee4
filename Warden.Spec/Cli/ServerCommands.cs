using System.CommandLine;
using System.Net;
using Warden.Spec.Client;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Cli;

/// <summary>What the executables that start a server share: the options of <c>serve</c> and <c>exec</c>, and how they fail.</summary>
public static class ServerCommands
{
    /// <summary>The value of <c>--socket</c> for which a server picks a fresh path.</summary>
    public const string FreshSocket = "auto";

    /// <summary>Makes the option <c>--socket</c> of a server.</summary>
    public static Option<string?> SocketOption() => new("--socket")
    {
        Description = "Path of the Unix socket; auto picks a fresh one. Without it the configuration's unix_domain_path.",
        HelpName = $"PATH|{FreshSocket}",
    };

    /// <summary>Makes the option <c>--tcp</c>.</summary>
    public static Option<string?> TcpOption() => new("--tcp")
    {
        Description = "Listen on TCP as well; port 0 picks one, an omitted host is 127.0.0.1.",
        HelpName = "HOST:PORT",
    };

    /// <summary>Makes the option <c>--config</c>.</summary>
    public static Option<FileInfo?> ConfigOption() => new("--config")
    {
        Description = "A YAML configuration with the keys of the Warden server.",
        HelpName = "FILE",
    };

    /// <summary>Makes the option <c>--privileged</c> of <c>exec</c>.</summary>
    public static Option<bool> PrivilegedOption() => new("--privileged") { Description = "Run the script as root." };

    /// <summary>Makes the argument of <c>exec</c>.</summary>
    public static Argument<string> ScriptArgument() => new("SCRIPT") { Description = "What bash in the container reads." };

    /// <summary>Reads the configuration that was named.</summary>
    /// <param name="file">The file, or null for the defaults alone.</param>
    /// <param name="defaults">What holds for keys that the file does not set.</param>
    /// <param name="withoutFile">What holds without a file; null means the defaults.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or holds a wrong value.</exception>
    public static ConfigurationFile ReadConfiguration(
        FileInfo? file, WardenConfiguration defaults, WardenConfiguration? withoutFile = null) =>
        file is null
            ? new ConfigurationFile(withoutFile ?? defaults, [], new HashSet<string>())
            : ConfigurationReader.Load(file.FullName, defaults);

    /// <summary>Reads the value of <c>--tcp</c>.</summary>
    /// <param name="text">HOST:PORT, or PORT alone.</param>
    /// <exception cref="WardenException">It is neither.</exception>
    public static IPEndPoint ParseTcp(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        var host = colon <= 0 ? "127.0.0.1" : text[..colon];
        return IPEndPoint.TryParse($"{(host == "localhost" ? "127.0.0.1" : host)}:{text[(colon + 1)..]}", out var endPoint)
            ? endPoint
            : throw new WardenException($"--tcp: expected HOST:PORT with an address, found '{text}'");
    }

    /// <summary>
    /// Carries a command out. What it fails with that its user should read goes to standard error, behind the program's name; interrupted,
    /// its exit status is 130.
    /// </summary>
    /// <param name="program">The executable's name.</param>
    /// <param name="command">The command; it returns the exit status.</param>
    /// <param name="failure">The exit status of a failure.</param>
    public static async Task<int> RunAsync(string program, Func<Task<int>> command, int failure = 1)
    {
        ArgumentNullException.ThrowIfNull(command);
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Interruption.ExitStatus;
        }
        catch (Exception e) when (e is WardenException or ConfigurationException or WardenErrorException or WardenConnectionException
            or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{program}: {e.Message}").ConfigureAwait(false);
            return failure;
        }
    }
}
