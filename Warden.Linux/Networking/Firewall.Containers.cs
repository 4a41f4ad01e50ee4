using System.Net;
using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Networking;

/// <summary>What single containers are given.</summary>
internal sealed partial class Firewall
{
    private readonly Dictionary<string, Container> _containers = new(StringComparer.Ordinal);
    private readonly ForwardTable _forwards = new();

    /// <summary>The ids of the containers that have a chain.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _containers.Keys];
            }
        }
    }

    /// <summary>Whether the container has a chain.</summary>
    public bool Has(string id)
    {
        lock (_gate)
        {
            return _containers.ContainsKey(id);
        }
    }

    /// <summary>Gives a container its chain, in which nothing is open.</summary>
    public void Add(string id, IPAddress address)
    {
        lock (_gate)
        {
            Forget(id);
            var container = new Container(id, address);
            Change(transaction => AddChain(transaction, container));
            _containers[id] = container;
        }
    }

    /// <summary>Takes all from a container that it was given.</summary>
    /// <returns>Its address, or null for one that has nothing.</returns>
    public IPAddress? Remove(string id)
    {
        lock (_gate)
        {
            return Forget(id);
        }
    }

    /// <summary>Forwards a port of the host to a container; of two such wishes for one port the earlier is in force while its container lives.</summary>
    public void Forward(string id, IPAddress address, int hostPort, int containerPort)
    {
        lock (_gate)
        {
            if (!_containers.ContainsKey(id))
            {
                // It was removed a moment ago: its address is to be another container's, and the port with it.
                throw new WardenException($"There is no container {id}");
            }
            var forward = new PortForward(hostPort, address, containerPort);
            if (_forwards.Contains(forward))
            {
                return;
            }
            var number = _forwards.NextNumber;
            var waits = _forwards.IsTaken(hostPort);
            Change(transaction => AddForward(transaction, forward, number, waits));
            _forwards.Add(forward);
        }
    }

    /// <summary>Opens what a rule says, before what was opened earlier.</summary>
    public void Open(string id, NetOutRule rule)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(id, out var container))
            {
                throw new WardenException($"There is no container {id}");
            }
            Change(transaction => AddRules(transaction, id, rule));
            container.Rules.Add(rule);
        }
    }

    private static void AddChain(NftTransaction transaction, Container container)
    {
        var chain = ChainOf(container.Id);
        transaction.AddChain(chain);
        transaction.Flush(chain);
        transaction.AddRule(chain, rule => rule.Goto(ConfiguredChain));
        transaction.AddElement(Containers, SourceKey(container.Id, container.Address), chain: chain);
        transaction.AddElement(Interfaces, Nft.InterfaceName(InterfaceNames.HostEnd(container.Id)));
        transaction.AddElement(Loops, LoopKey(container.Address));
    }

    private static void AddRules(NftTransaction transaction, string id, NetOutRule rule)
    {
        // Each is put first: the last one written is the first one matched.
        foreach (var part in OpenRule.PartsOf(rule).Reverse())
        {
            transaction.AddRule(ChainOf(id), expressions => part.Write(expressions, id), first: true);
        }
    }

    private static void AddForward(NftTransaction transaction, PortForward forward, long number, bool waits)
    {
        if (waits)
        {
            transaction.AddElement(WaitingForwards, forward.WaitingKey, comment: $"{number}");
        }
        else
        {
            transaction.AddElement(Forwards, forward.Key, forward.Target);
        }
    }

    private static string ChainOf(string id) => $"w-{id}";

    private static byte[] SourceKey(string id, IPAddress address) => [.. Nft.InterfaceName(InterfaceNames.HostEnd(id)), .. address.GetAddressBytes()];

    private static byte[] LoopKey(IPAddress address) => [.. address.GetAddressBytes(), .. address.GetAddressBytes()];

    private IPAddress? Forget(string id)
    {
        if (!_containers.TryGetValue(id, out var container))
        {
            return null;
        }
        var address = container.Address;
        var (gone, next) = _forwards.Without(address);
        // All in one; or, where somebody else has removed a part, part by part. The verdict goes before the chain that it names.
        List<Action<NftTransaction>> steps =
        [
            transaction => transaction.DeleteElement(Containers, SourceKey(id, address)),
            transaction => transaction.DeleteElement(Interfaces, Nft.InterfaceName(InterfaceNames.HostEnd(id))),
            transaction => transaction.DeleteElement(Loops, LoopKey(address)),
            transaction => transaction.Flush(ChainOf(id)),
            transaction => transaction.DeleteChain(ChainOf(id)),
        ];
        steps.AddRange(gone.Select(forward => (Action<NftTransaction>)(forward.Waits
            ? transaction => transaction.DeleteElement(WaitingForwards, forward.Forward.WaitingKey)
            : transaction => transaction.DeleteElement(Forwards, forward.Forward.Key))));
        steps.AddRange(next.Select(forward => (Action<NftTransaction>)(transaction =>
        {
            transaction.DeleteElement(WaitingForwards, forward.WaitingKey);
            transaction.AddElement(Forwards, forward.Key, forward.Target);
        })));
        var whole = new NftTransaction(_table);
        steps.ForEach(step => step(whole));
        if (whole.Send(_socket) is [var refused, ..])
        {
            if (refused.Errno != Errno.ENOENT)
            {
                throw refused.ToException();
            }
            foreach (var step in steps)
            {
                var part = new NftTransaction(_table);
                step(part);
                if (part.Send(_socket).FirstOrDefault(failure => failure.Errno != Errno.ENOENT) is { } failure)
                {
                    throw failure.ToException();
                }
            }
        }
        _forwards.Remove(address);
        _containers.Remove(id);
        return address;
    }

    private void Change(Action<NftTransaction> write)
    {
        for (var again = false; ; again = true)
        {
            var transaction = new NftTransaction(_table);
            write(transaction);
            if (transaction.Send(_socket) is not [var failure, ..])
            {
                return;
            }
            if (again || failure.Errno != Errno.ENOENT || Tables(_socket).Contains(_table))
            {
                throw failure.ToException();
            }
            Restore();
        }
    }

    private void Restore()
    {
        Configure();
        foreach (var container in _containers.Values)
        {
            var transaction = new NftTransaction(_table);
            AddChain(transaction, container);
            container.Rules.ForEach(rule => AddRules(transaction, container.Id, rule));
            transaction.Execute(_socket);
        }
        foreach (var (number, forward, waits) in _forwards.All)
        {
            var transaction = new NftTransaction(_table);
            AddForward(transaction, forward, number, waits);
            transaction.Execute(_socket);
        }
    }

    private void Load()
    {
        _socket.Read(() => NftTransaction.ListElements(_table, Containers), _containers.Clear, (_, payload) => NftTransaction.ReadElements(payload, (key, _, _) =>
        {
            if (InterfaceNames.IdOf(NetlinkAttributes.TextOf(key.AsSpan(0, Nft.InterfaceNameLength))) is { } id)
            {
                _containers[id] = new Container(id, new IPAddress(key.AsSpan(Nft.InterfaceNameLength, 4)));
            }
        }));
        List<PortForward> active = [];
        _socket.Read(() => NftTransaction.ListElements(_table, Forwards), active.Clear, (_, payload) => NftTransaction.ReadElements(payload, (key, value, _) =>
            active.Add(PortForward.Read(key, value))));
        List<(long Number, PortForward Forward)> waiting = [];
        _socket.Read(() => NftTransaction.ListElements(_table, WaitingForwards), waiting.Clear, (_, payload) => NftTransaction.ReadElements(payload, (key, _, comment) =>
            waiting.Add((long.TryParse(comment, out var number) ? number : 0, PortForward.ReadWaiting(key)))));
        _forwards.Load(active, waiting);
    }

    /// <summary>A container and what this server has opened for it, in order.</summary>
    private sealed record Container(string Id, IPAddress Address)
    {
        public List<NetOutRule> Rules { get; } = [];
    }
}
