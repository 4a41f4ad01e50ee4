namespace Warden.Spec.Containers.Grace;

/// <summary>
/// Knows which containers a connection references, and starts the grace time of those that none does (protocol.md §3).
/// A connection references every container older than itself, so those references are not stored: a container is referenced when
/// the youngest connection is younger than it, or when an older connection created or named it.
/// </summary>
internal sealed class GraceKeeper : IDisposable
{
    // Timers take at most 2^32 − 2 milliseconds; a longer grace time is counted in parts.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly LinkedList<SessionReferences> _sessions = new();
    private readonly LinkedList<GraceTime> _containers = new();
    private readonly HashSet<GraceTime> _running = [];
    private ulong _sequence;
    private bool _stopped;

    public GraceKeeper(TimeProvider time) => _time = time;

    /// <summary>Begins a connection, which references all containers that exist.</summary>
    public SessionReferences Open()
    {
        lock (_lock)
        {
            var session = new SessionReferences(++_sequence);
            _sessions.AddLast(session.Node);
            foreach (var grace in _running)
            {
                Pause(grace);
            }

            _running.Clear();
            return session;
        }
    }

    /// <summary>Ends a connection, and starts the grace time of the containers whose last reference it held.</summary>
    public void Close(SessionReferences session)
    {
        List<GraceTime>? expired = null;
        lock (_lock)
        {
            if (session.IsClosed)
            {
                return;
            }

            session.IsClosed = true;
            var wasYoungest = session.Node.Next is null;
            _sessions.Remove(session.Node);
            foreach (var grace in session.Named)
            {
                grace.NamedBy--;
                StartIfUnreferenced(grace, ref expired);
            }

            if (wasYoungest)
            {
                var youngest = _sessions.Last?.Value.Opened ?? 0;
                for (var node = _containers.Last; node is not null && node.Value.Created > youngest; node = node.Previous)
                {
                    StartIfUnreferenced(node.Value, ref expired);
                }
            }
        }

        Expire(expired);
    }

    /// <summary>Takes in a container that now exists, created by a connection or, when that is null, recovered.</summary>
    public void Add(GraceTime grace, SessionReferences? creator)
    {
        List<GraceTime>? expired = null;
        lock (_lock)
        {
            if (grace.IsGone)
            {
                return;
            }

            grace.Created = ++_sequence;
            _containers.AddLast(grace.Node);
            if (creator is { IsClosed: false } && creator.Name(grace))
            {
                grace.NamedBy++;
            }

            StartIfUnreferenced(grace, ref expired);
        }

        Expire(expired);
    }

    /// <summary>A connection named a container.</summary>
    public void Reference(SessionReferences session, GraceTime grace)
    {
        if (session.Opened > grace.Created)
        {
            return;
        }

        lock (_lock)
        {
            // A container may go between a command's finding it and this.
            if (!session.IsClosed && !grace.IsGone && session.Name(grace))
            {
                grace.NamedBy++;
                if (_running.Remove(grace))
                {
                    Pause(grace);
                }
            }
        }
    }

    /// <summary>Forgets a container that is gone.</summary>
    public void Remove(GraceTime grace)
    {
        lock (_lock)
        {
            grace.IsGone = true;
            if (grace.Node.List is null)
            {
                return;
            }

            _containers.Remove(grace.Node);
            _running.Remove(grace);
            Pause(grace);
            grace.Timer?.Dispose();
            if (grace.NamedBy > 0)
            {
                foreach (var session in _sessions)
                {
                    session.Forget(grace);
                }
            }
        }
    }

    /// <summary>Starts the grace time of a container again whose destruction failed.</summary>
    public void Restart(GraceTime grace)
    {
        lock (_lock)
        {
            // One that ends at once would be tried without a pause.
            if (!_stopped && !grace.IsGone && !grace.IsRunning && !IsReferenced(grace) && grace.Length is { } length)
            {
                Start(grace, length > TimeSpan.FromSeconds(1) ? length : TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>Stops all timers; from now on none starts.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            _running.Clear();
            foreach (var grace in _containers)
            {
                grace.IsRunning = false;
                grace.Timer?.Dispose();
                grace.Timer = null;
            }
        }
    }

    public void Dispose() => Stop();

    private bool IsReferenced(GraceTime grace) => grace.NamedBy > 0 || (_sessions.Last?.Value.Opened ?? 0) > grace.Created;

    private void StartIfUnreferenced(GraceTime grace, ref List<GraceTime>? expired)
    {
        if (_stopped || grace.IsRunning || grace.IsGone || grace.Length is not { } length || IsReferenced(grace))
        {
            return;
        }

        if (length <= TimeSpan.Zero)
        {
            (expired ??= []).Add(grace);
            return;
        }

        Start(grace, length);
    }

    private void Start(GraceTime grace, TimeSpan length)
    {
        grace.IsRunning = true;
        grace.StartedAt = _time.GetTimestamp();
        _running.Add(grace);
        grace.Timer ??= _time.CreateTimer(
            static state =>
            {
                var (keeper, grace) = ((GraceKeeper, GraceTime))state!;
                keeper.OnTimer(grace);
            },
            (this, grace), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        grace.Timer.Change(length < LongestTimer ? length : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    private static void Pause(GraceTime grace)
    {
        grace.IsRunning = false;
        grace.Timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer(GraceTime grace)
    {
        lock (_lock)
        {
            // A timer that was stopped may still have a call under way.
            if (!grace.IsRunning)
            {
                return;
            }

            var rest = grace.Length!.Value - _time.GetElapsedTime(grace.StartedAt);
            if (rest > TimeSpan.Zero)
            {
                grace.Timer!.Change(rest < LongestTimer ? rest : LongestTimer, Timeout.InfiniteTimeSpan);
                return;
            }

            grace.IsRunning = false;
            _running.Remove(grace);
        }

        grace.Expire();
    }

    private static void Expire(List<GraceTime>? expired)
    {
        foreach (var grace in expired ?? [])
        {
            grace.Expire();
        }
    }
}
