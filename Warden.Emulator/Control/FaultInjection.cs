using System.Collections.Concurrent;
using Google.Protobuf;
using Warden.Spec;
using Warden.Spec.Commands;

namespace Warden.Emulator.Control;

/// <summary>Makes chosen requests fail, in the place of the engine, so that a client's handling of errors can be tested.</summary>
internal sealed class FaultInjection
{
    private readonly ConcurrentDictionary<CommandRow, ConcurrentQueue<string>> _faults = new();

    /// <summary>Lets the next request of a command fail; several calls let several requests fail, in order.</summary>
    /// <exception cref="ArgumentException">There is no such command.</exception>
    public void FailNext(string command, string error)
    {
        var row = CommandCatalogue.Find(command) ?? throw new ArgumentException($"There is no command '{command}'.", nameof(command));
        _faults.GetOrAdd(row, _ => new()).Enqueue(error);
    }

    /// <summary>An engine that fails as told and otherwise passes on.</summary>
    public ICommandEngine Decorate(ICommandEngine engine) => new Engine(this, engine);

    private void ThrowIfNext(CommandRow row)
    {
        if (_faults.TryGetValue(row, out var errors) && errors.TryDequeue(out var error))
        {
            throw new WardenException(error);
        }
    }

    private sealed class Engine(FaultInjection faults, ICommandEngine inner) : ICommandEngine
    {
        public ICommandSession OpenSession() => new Session(faults, inner.OpenSession());
    }

    private sealed class Session(FaultInjection faults, ICommandSession inner) : ICommandSession
    {
        public ValueTask ExecuteAsync(CommandRow row, IMessage request, IReplySink replies, CancellationToken cancellationToken)
        {
            faults.ThrowIfNext(row);
            return inner.ExecuteAsync(row, request, replies, cancellationToken);
        }

        public void Dispose() => inner.Dispose();
    }
}
