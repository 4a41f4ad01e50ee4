using System.Diagnostics.CodeAnalysis;

namespace Warden.Spec.Containers;

/// <summary>The containers by handle, and in the order of their creation.</summary>
internal sealed class ContainerRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Container?> _byHandle = new(StringComparer.Ordinal);
    private readonly LinkedList<Container> _listed = new();

    /// <summary>How many are listed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _listed.Count;
            }
        }
    }

    /// <summary>Holds a handle for a container that is being made.</summary>
    /// <exception cref="WardenException">It is taken.</exception>
    public void Reserve(string handle)
    {
        lock (_lock)
        {
            if (!_byHandle.TryAdd(handle, null))
            {
                throw new WardenException($"container with handle: {handle} already exists.");
            }
        }
    }

    /// <summary>Gives a handle back for which no container was made.</summary>
    public void Release(string handle)
    {
        lock (_lock)
        {
            _byHandle.Remove(handle);
        }
    }

    /// <summary>Lists a container whose handle is reserved.</summary>
    public void List(Container container)
    {
        lock (_lock)
        {
            _byHandle[container.Handle] = container;
            _listed.AddLast(container.ListNode);
        }
    }

    /// <summary>Lists a container no longer and frees its handle.</summary>
    public void Remove(Container container)
    {
        lock (_lock)
        {
            _byHandle.Remove(container.Handle);
            _listed.Remove(container.ListNode);
        }
    }

    /// <summary>The listed container of a handle.</summary>
    public bool TryFind(string handle, [NotNullWhen(true)] out Container? container)
    {
        lock (_lock)
        {
            return _byHandle.TryGetValue(handle, out container) && container is not null;
        }
    }

    /// <summary>All listed containers, the oldest first.</summary>
    public Container[] All()
    {
        lock (_lock)
        {
            return [.. _listed];
        }
    }
}
