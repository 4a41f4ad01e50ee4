using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Containers;
using Warden.Spec.Containers.Grace;

namespace Warden.Spec.Commands;

/// <summary>One connection's requests: finds the container, guards its state, dispatches, measures.</summary>
internal sealed class CommandSession : ICommandSession
{
    private readonly WardenEngine _engine;
    private readonly CommandContext _context;

    public CommandSession(WardenEngine engine, SessionReferences references)
    {
        _engine = engine;
        References = references;
        _context = new CommandContext(engine, this);
    }

    public SessionReferences References { get; }

    public async ValueTask ExecuteAsync(CommandRow row, IMessage request, IReplySink replies, CancellationToken cancellationToken)
    {
        var environment = _engine.Environment;
        var isMeasured = environment.Meters.CommandsAreMeasured;
        var began = isMeasured ? environment.Time.GetTimestamp() : 0;
        using var activity = EngineMeters.Activities.StartActivity(row.Name, ActivityKind.Server);
        string? handle = null;
        var outcome = "ok";
        try
        {
            row.Handler.Check(request);
            Container? container = null;
            if (row.Handler.HandleOf(request) is { } bytes)
            {
                handle = RequestFields.Text(bytes, "handle");
                activity?.SetTag("warden.handle", handle);
                container = _engine.Find(handle);
                _engine.Keeper.Reference(References, container.Grace);
                container.Demand(row.AllowedStates);
            }

            LogRequest(environment.Logger, row, handle, request);
            _context.Begin(row, container, replies);
            await row.Handler.HandleAsync(_context, request, cancellationToken).ConfigureAwait(false);
        }
        catch (WardenException exception)
        {
            outcome = "error";
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            EngineLog.CommandRefused(environment.Logger, row.Name, handle, exception.Message);
            throw;
        }
        catch (Exception exception) when (exception is OperationCanceledException || _context.SendFailed)
        {
            outcome = "cancelled";
            throw;
        }
        catch (Exception exception)
        {
            outcome = "failed";
            activity?.SetStatus(ActivityStatusCode.Error);
            EngineLog.CommandFailed(environment.Logger, exception, row.Name, handle);
            throw new WardenException(
                exception is IHostFailure failure
                    ? $"{row.Name} failed on the host: {failure.Message}"
                    : $"{row.Name} failed on the host; the server's log says why",
                exception);
        }
        finally
        {
            if (isMeasured)
            {
                environment.Meters.Command(row.Name, outcome, environment.Time.GetElapsedTime(began));
            }
        }
    }

    public void Dispose() => _engine.Keeper.Close(References);

    private static void LogRequest(ILogger logger, CommandRow row, string? handle, IMessage request)
    {
        EngineLog.Command(logger, row.Name, handle);
        if (logger.IsEnabled(LogLevel.Trace))
        {
            EngineLog.Request(logger, row.Name, RequestText.Describe(row, request));
        }
    }
}
