using System.Runtime.InteropServices;

namespace Warden.Spec.Server.Hosting;

/// <summary>
/// SIGUSR2, which drains a server (protocol.md §6). <see cref="PosixSignal"/> does not name it, but takes the number of any signal: it is
/// 12 on Linux and 31 on macOS and FreeBSD (signal(7)).
/// </summary>
public sealed class DrainSignal : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;

    private DrainSignal(List<PosixSignalRegistration> registrations) => _registrations = registrations;

    /// <summary>Calls back on SIGUSR2; on Windows, which has no such signal, never.</summary>
    /// <param name="drain">Begins the drain.</param>
    public static DrainSignal Register(Action drain) => Register(drain, all: false);

    /// <summary>Calls back on SIGUSR2, SIGTERM and SIGINT, for a server without a host; the process is not ended by them.</summary>
    /// <param name="drain">Begins the drain.</param>
    public static DrainSignal RegisterAll(Action drain) => Register(drain, all: true);

    /// <summary>Ends the calling back.</summary>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private static DrainSignal Register(Action drain, bool all)
    {
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            drain();
        }

        var registrations = new List<PosixSignalRegistration>();
        if (!OperatingSystem.IsWindows())
        {
            var sigusr2 = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 12 : 31;
            registrations.Add(PosixSignalRegistration.Create((PosixSignal)sigusr2, Handle));
        }

        if (all)
        {
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle));
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle));
        }

        return new DrainSignal(registrations);
    }
}
