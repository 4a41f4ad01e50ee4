using System.Diagnostics;

namespace Warden.ConformanceTests.Targets;

/// <summary>The built executable <c>warden-emulator</c>: WARDEN_EMULATOR_EXE, or the one beside this assembly, run by dotnet.</summary>
public sealed class EmulatorExecutable : TargetExecutable
{
    private static readonly string? Published = Environment.GetEnvironmentVariable("WARDEN_EMULATOR_EXE");

    private EmulatorExecutable()
    {
    }

    public static EmulatorExecutable Instance { get; } = new();

    /// <summary>Prepares a start of the executable with its three streams redirected.</summary>
    public static ProcessStartInfo Prepare(params IEnumerable<string> arguments) => Start(Published, "warden-emulator.dll", arguments);

    public override Task<ProcessStartInfo> PrepareAsync(params IEnumerable<string> arguments) => Task.FromResult(Prepare(arguments));
}
