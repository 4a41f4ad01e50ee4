using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Warden.Spec.Containers;

/// <summary>The engine's activities and measurements: source and meter "Warden".</summary>
internal sealed class EngineMeters : IDisposable
{
    public const string Name = "Warden";

    public static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _commands;
    private readonly Histogram<double> _durations;
    private readonly UpDownCounter<long> _containers;
    private readonly UpDownCounter<long> _jobs;
    private long _containerCount;
    private long _jobCount;

    public EngineMeters(IMeterFactory? factory)
    {
        // A factory owns the meters that it makes.
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(Name)) ?? new Meter(Name);
        _commands = _meter.CreateCounter<long>("warden.commands", "{command}", "Commands by name and outcome.");
        _durations = _meter.CreateHistogram<double>("warden.command.duration", "s", "How long commands took.");
        _containers = _meter.CreateUpDownCounter<long>("warden.containers", "{container}", "Containers that exist.");
        _jobs = _meter.CreateUpDownCounter<long>("warden.jobs", "{job}", "Jobs that run.");
    }

    /// <summary>Whether anyone listens to commands; if not, no clock is read for them.</summary>
    public bool CommandsAreMeasured => _commands.Enabled || _durations.Enabled;

    public void Command(string name, string outcome, TimeSpan duration)
    {
        var command = new KeyValuePair<string, object?>("command", name);
        var result = new KeyValuePair<string, object?>("outcome", outcome);
        _commands.Add(1, command, result);
        _durations.Record(duration.TotalSeconds, command, result);
    }

    public void ContainersChanged(int delta)
    {
        Interlocked.Add(ref _containerCount, delta);
        _containers.Add(delta);
    }

    public void JobsChanged(int delta)
    {
        Interlocked.Add(ref _jobCount, delta);
        _jobs.Add(delta);
    }

    /// <summary>Takes back what this engine has counted: what it leaves behind is another one's to count.</summary>
    public void Clear()
    {
        _containers.Add(-Interlocked.Exchange(ref _containerCount, 0));
        _jobs.Add(-Interlocked.Exchange(ref _jobCount, 0));
    }

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
