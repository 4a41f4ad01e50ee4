namespace Warden.Spec.Containers.Jobs;

/// <summary>
/// Counts job ids over the whole server, from 1, also across restarts (protocol.md §4). Every container's snapshot holds the last id
/// that it was given and is written before the job starts, so the depot's counter need only follow where a container goes.
/// </summary>
internal sealed class JobIds
{
    private const string CounterName = "job_id";

    private readonly Lock _lock = new();
    private readonly EngineEnvironment _environment;
    private uint _last;
    private uint _kept;

    public JobIds(EngineEnvironment environment)
    {
        _environment = environment;
        _kept = (uint)environment.Depot.ReadCounter(CounterName);
        _last = _kept;
    }

    /// <summary>A new id.</summary>
    public uint Next()
    {
        lock (_lock)
        {
            return ++_last;
        }
    }

    /// <summary>A recovered container was given ids up to this one.</summary>
    public void Seen(uint id)
    {
        lock (_lock)
        {
            _last = Math.Max(_last, id);
        }
    }

    /// <summary>Keeps in the depot that ids up to this one were given; called before the snapshot that says so goes.</summary>
    public void Keep(uint id)
    {
        lock (_lock)
        {
            if (id > _kept)
            {
                _environment.WriteCounter(CounterName, _last);
                _kept = _last;
            }
        }
    }

    /// <summary>Keeps the last id in the depot.</summary>
    public void Keep()
    {
        lock (_lock)
        {
            Keep(_last);
        }
    }
}
