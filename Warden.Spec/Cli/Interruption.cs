using System.Runtime.InteropServices;

namespace Warden.Spec.Cli;

/// <summary>Takes SIGINT, SIGTERM and SIGHUP while a command runs, so that it can leave nothing behind.</summary>
public sealed class Interruption : IDisposable
{
    /// <summary>What a shell answers for a command that Ctrl-C ended: 128 and the number of SIGINT.</summary>
    public const int ExitStatus = 130;

    private readonly CancellationTokenSource _source;
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins.</summary>
    /// <param name="cancellationToken">Interrupts too.</param>
    public Interruption(CancellationToken cancellationToken = default)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Interrupt));
        }
    }

    /// <summary>Cancelled by the first signal; later ones change nothing.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command has just ended by itself.
        }
    }
}
