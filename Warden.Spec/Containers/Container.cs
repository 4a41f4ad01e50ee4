using Google.Protobuf;
using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers.Grace;
using Warden.Spec.Containers.Pools;

namespace Warden.Spec.Containers;

/// <summary>
/// One container: its state, and all of it that is not in its backend. Its lock is held for single steps, never across an await.
/// </summary>
internal sealed partial class Container
{
    private readonly Lock _lock = new();
    private readonly EngineEnvironment _environment;
    private readonly string? _rootfs;
    private readonly IReadOnlyList<BindMountSpec> _bindMounts;
    private ContainerState _state = ContainerState.Born;
    private IContainerBackend? _backend;
    private List<string>? _events;

    public Container(EngineEnvironment environment, ContainerIdentity identity, TimeSpan? graceTime, Action<Container> graceExpired)
    {
        _environment = environment;
        Id = identity.Id;
        Handle = identity.Handle;
        HandleBytes = ByteString.CopyFromUtf8(identity.Handle);
        Network = identity.Network;
        UserId = identity.UserId;
        _rootfs = identity.Rootfs;
        _bindMounts = identity.BindMounts;
        Grace = new GraceTime(graceTime, () => graceExpired(this));
        ListNode = new LinkedListNode<Container>(this);
    }

    public string Id { get; }

    public string Handle { get; }

    public ByteString HandleBytes { get; }

    /// <summary>The first address of its /30.</summary>
    public uint Network { get; }

    public uint UserId { get; }

    public GraceTime Grace { get; }

    /// <summary>Where it stands in the list of containers.</summary>
    public LinkedListNode<Container> ListNode { get; }

    public ContainerState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    private IContainerBackend Backend => _backend ?? throw new InvalidOperationException("The container's set-up is not done.");

    /// <summary>What a backend needs to make or to find the container.</summary>
    public ContainerSpec ToSpec() => new()
    {
        Id = Id,
        HostAddress = NetworkPool.ToAddress(Network + 1),
        ContainerAddress = NetworkPool.ToAddress(Network + 2),
        UserId = UserId,
        RootfsPath = _rootfs,
        BindMounts = _bindMounts,
    };

    /// <summary>The backend has made the container, and it serves.</summary>
    public void Activate(IContainerBackend backend)
    {
        _backend = backend;
        Become(ContainerState.Active);
        Watch();
    }

    /// <summary>Refuses a command that is not allowed in the present state.</summary>
    /// <exception cref="WardenException">With the text that clients know.</exception>
    public void Demand(AllowedStates allowed)
    {
        var state = State;
        if (state == ContainerState.Destroyed)
        {
            throw new WardenException(CommandErrors.UnknownHandle);
        }

        state.Demand(allowed);
    }

    public ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken) =>
        Backend.CopyInAsync(sourcePath, destinationPath, cancellationToken);

    public ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken) =>
        Backend.CopyOutAsync(sourcePath, destinationPath, owner, cancellationToken);

    private bool Become(ContainerState next)
    {
        lock (_lock)
        {
            if (!_state.CanBecome(next))
            {
                return false;
            }

            _state = next;
            _isChanged = true;
            return true;
        }
    }

    private void AddEvent(string name)
    {
        lock (_lock)
        {
            if (_events?.Contains(name) != true)
            {
                (_events ??= []).Add(name);
                _isChanged = true;
            }
        }
    }

    private void Watch()
    {
        _ = WatchMemoryAsync(Backend);
        _ = WatchInitAsync(Backend);
    }

    private async Task WatchMemoryAsync(IContainerBackend backend)
    {
        await backend.OutOfMemory.ConfigureAwait(false);
        if (IsServed())
        {
            EngineLog.OutOfMemory(_environment.Logger, Handle);
            AddEvent("out of memory");
            StopOnItsOwn(kill: false, StopOperation.AfterOutOfMemory);
        }
    }

    private async Task WatchInitAsync(IContainerBackend backend)
    {
        await backend.InitEnded.ConfigureAwait(false);
        if (IsServed() && !IsBeingDestroyed())
        {
            EngineLog.InitEnded(_environment.Logger, Handle);
            StopOnItsOwn(kill: true, TimeSpan.Zero);
        }
    }

    // An engine that has ended still hears of the containers that outlive it; they are another one's by then.
    private bool IsServed() => !_environment.Lifetime.IsCancellationRequested && State.IsListed();

    private void StopOnItsOwn(bool kill, TimeSpan patience)
    {
        BeginStop(kill, patience);
        try
        {
            Save();
        }
        catch (Exception exception)
        {
            EngineLog.SnapshotFailed(_environment.Logger, exception, Handle);
        }
    }
}

/// <summary>What a container is made with and keeps for its life.</summary>
internal sealed record ContainerIdentity(
    string Id, string Handle, uint Network, uint UserId, string? Rootfs, IReadOnlyList<BindMountSpec> BindMounts);
