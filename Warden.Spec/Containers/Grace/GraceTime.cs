namespace Warden.Spec.Containers.Grace;

/// <summary>One container's part in the count of references; <see cref="GraceKeeper"/> guards it.</summary>
internal sealed class GraceTime
{
    private readonly Action _expired;

    /// <param name="length">How long the container stays without a reference; null means for ever.</param>
    /// <param name="expired">Destroys the container in the background.</param>
    public GraceTime(TimeSpan? length, Action expired)
    {
        Length = length;
        _expired = expired;
        Node = new LinkedListNode<GraceTime>(this);
    }

    public TimeSpan? Length { get; }

    /// <summary>When it came to be, in the sequence of openings and creations.</summary>
    public ulong Created { get; set; }

    /// <summary>Connections older than the container that created or named it.</summary>
    public int NamedBy { get; set; }

    /// <summary>Where it stands in the order of creation.</summary>
    public LinkedListNode<GraceTime> Node { get; }

    /// <summary>Made when it is first needed.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Whether its container is gone, maybe before it was taken in.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether the timer counts.</summary>
    public bool IsRunning { get; set; }

    /// <summary>When the timer was started.</summary>
    public long StartedAt { get; set; }

    public void Expire() => _expired();
}

/// <summary>One connection's references.</summary>
internal sealed class SessionReferences
{
    private HashSet<GraceTime>? _named;

    public SessionReferences(ulong opened)
    {
        Opened = opened;
        Node = new LinkedListNode<SessionReferences>(this);
    }

    /// <summary>When it opened; it references every container created before.</summary>
    public ulong Opened { get; }

    /// <summary>Where it stands in the order of opening.</summary>
    public LinkedListNode<SessionReferences> Node { get; }

    public bool IsClosed { get; set; }

    /// <summary>The newer containers that it created or named.</summary>
    public IReadOnlyCollection<GraceTime> Named => _named ?? (IReadOnlyCollection<GraceTime>)[];

    public bool Name(GraceTime grace) => (_named ??= []).Add(grace);

    public void Forget(GraceTime grace) => _named?.Remove(grace);
}
