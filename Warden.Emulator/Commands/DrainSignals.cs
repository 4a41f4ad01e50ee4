using System.Runtime.InteropServices;

namespace Warden.Emulator.Commands;

/// <summary>The signals that let a server drain and end: SIGTERM, SIGINT and, where the system has it, SIGUSR2.</summary>
internal sealed class DrainSignals : IDisposable
{
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];

    public DrainSignals()
    {
        Register(PosixSignal.SIGTERM);
        Register(PosixSignal.SIGINT);
        if (OperatingSystem.IsLinux())
        {
            Register((PosixSignal)12);
        }
        else if (OperatingSystem.IsMacOS())
        {
            Register((PosixSignal)31);
        }
    }

    /// <summary>Completes when one came.</summary>
    public Task Received => _received.Task;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Register(PosixSignal signal) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _received.TrySetResult();
    }));
}
