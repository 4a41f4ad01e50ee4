using System.Net.Sockets;
using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;

namespace Warden.ConformanceTests.Runner;

/// <summary>A target as a command line names it.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Prefix">With which the names of its test classes begin.</param>
/// <param name="SocketPath">The socket of a server that is there already.</param>
internal sealed record SuiteTarget(string Name, string Prefix, string? SocketPath)
{
    private const string Unix = "unix:";

    /// <exception cref="CannotRunException">There is no such target.</exception>
    public static SuiteTarget Parse(string text) => text switch
    {
        ConformanceReport.Emulator => new SuiteTarget(text, "EmulatorProcess", null),
        "linux" => new SuiteTarget(text, "Linux", null),
        "docker" => new SuiteTarget(text, "Docker", null),
        _ when text.StartsWith(Unix, StringComparison.Ordinal) && text.Length > Unix.Length =>
            new SuiteTarget(text, "External", Path.GetFullPath(text[Unix.Length..])),
        _ => throw new CannotRunException($"there is no target \"{text}\": emulator, linux, docker, unix:PATH"),
    };

    /// <summary>Tells the suite's targets by the environment, which they read once: before anything else asks them.</summary>
    /// <exception cref="CannotRunException">The target cannot be judged here.</exception>
    public async Task PrepareAsync()
    {
        if (SocketPath is not null)
        {
            Environment.SetEnvironmentVariable("WARDEN_SOCKET", SocketPath);
            await PingAsync(SocketPath);
        }

        if (Prefix is "Linux" or "Docker")
        {
            Environment.SetEnvironmentVariable("WARDEN_TARGETS", Name);
        }

        if (Target.All.Single(target => target.Name == Prefix).Unavailable is { } reason)
        {
            throw new CannotRunException($"{Name} cannot be judged here: {reason}");
        }
    }

    /// <summary>Whether a test is this target's; the emulator's are also those that judge it in process, and the types of Warden.Spec.</summary>
    public bool Owns(Type type)
    {
        var words = type.FullName!.Split('.');
        return words[^2] == "Targets" ? words[^1].StartsWith(Prefix, StringComparison.Ordinal) : Name == ConformanceReport.Emulator;
    }

    /// <summary>A server that a command starts need not be there yet; any other must answer.</summary>
    private static async Task PingAsync(string path)
    {
        if (Environment.GetEnvironmentVariable("WARDEN_SERVER_CMD") is { Length: > 0 })
        {
            return;
        }

        if (!File.Exists(path))
        {
            throw new CannotRunException($"there is no socket {path}");
        }

        try
        {
            await using var connection = await WireConnection.ConnectAsync(path);
            await connection.CallAsync("Ping");
        }
        catch (Exception exception) when (exception is SocketException or WireFormatException or TimeoutException or ArgumentException
            or OperationCanceledException or Xunit.Sdk.XunitException)
        {
            throw new CannotRunException($"no Warden server answers at {path}: {exception.Message}");
        }
    }
}
