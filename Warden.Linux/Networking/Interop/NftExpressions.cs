using System.Net;

namespace Warden.Linux.Networking.Interop;

/// <summary>
/// The expressions of one nf_tables rule, in the order in which they are tried: a test that fails ends the rule. Each test loads what it
/// looks at into the first register.
/// </summary>
internal readonly ref struct NftExpressions
{
    private const int Element = 1;
    private const int Name = 1;
    private const int Data = 2;
    private const int Value = 1;
    private const uint VerdictRegister = 0;
    private const uint First = 1;
    private const uint Second = 2;

    /// <summary>The second 4 bytes of the first register: where a value that follows an address lies.</summary>
    private const uint BehindAddress = 9;

    private const uint NetworkHeader = 1;
    private const uint TransportHeader = 2;
    private const int SourceOffset = 12;
    private const int DestinationOffset = 16;
    private readonly NetlinkBatch _batch;

    public NftExpressions(NetlinkBatch batch) => _batch = batch;

    public void HasProtocol(byte protocol)
    {
        Meta(Nft.MetaProtocol, First);
        Compare(Nft.Equal, [protocol]);
    }

    /// <summary>IPv4 alone: the packet is from the network.</summary>
    public void SourceIn(IPNetwork network) => AddressIn(SourceOffset, network, Nft.Equal);

    /// <summary>IPv4 alone: the packet is not for the network.</summary>
    public void DestinationOutside(IPNetwork network) => AddressIn(DestinationOffset, network, Nft.NotEqual);

    /// <summary>IPv4 alone: the packet is for one of the addresses, both ends included.</summary>
    public void DestinationIn(IPAddress first, IPAddress last)
    {
        IsIPv4();
        Payload(NetworkHeader, DestinationOffset, 4, First);
        Between(first.GetAddressBytes(), last.GetAddressBytes());
    }

    public void DestinationPortIn(int first, int last)
    {
        Payload(TransportHeader, 2, 2, First);
        Between([(byte)(first >> 8), (byte)first], [(byte)(last >> 8), (byte)last]);
    }

    public void IcmpIs(int? type, int? code)
    {
        if (type is { } wantedType)
        {
            Payload(TransportHeader, 0, 1, First);
            Compare(Nft.Equal, [(byte)wantedType]);
        }
        if (code is { } wantedCode)
        {
            Payload(TransportHeader, 1, 1, First);
            Compare(Nft.Equal, [(byte)wantedCode]);
        }
    }

    /// <summary>The packet is for one of the host's own addresses.</summary>
    public void IsForHost()
    {
        using (Begin("fib", out var data))
        using (data)
        {
            _batch.PutBigEndian(1, First);
            _batch.PutBigEndian(2, Nft.FibAddressType);
            _batch.PutBigEndian(3, Nft.FibDestination);
        }
        Compare(Nft.Equal, BitConverter.GetBytes(Nft.LocalRoute));
    }

    /// <summary>The packet belongs to a connection that was let through before, or tells of one.</summary>
    public void IsOfKnownConnection()
    {
        ConnectionTrack(Nft.TrackState, null);
        AnyBitOf(Nft.StateEstablished | Nft.StateRelated, Nft.NotEqual);
    }

    /// <summary>Whether the connection's destination was translated.</summary>
    public void IsForwardedPort(bool wanted)
    {
        ConnectionTrack(Nft.TrackStatus, null);
        AnyBitOf(Nft.StatusDestinationTranslated, wanted ? Nft.NotEqual : Nft.Equal);
    }

    public void ComesThroughOneOf(string set)
    {
        Meta(Nft.MetaInputName, First);
        Lookup(set, null);
    }

    public void LeavesThroughOneOf(string set)
    {
        Meta(Nft.MetaOutputName, First);
        Lookup(set, null);
    }

    public void LeavesThrough(string name)
    {
        Meta(Nft.MetaOutputName, First);
        Compare(Nft.Equal, Nft.InterfaceName(name));
    }

    /// <summary>Goes where the map of interfaces with their addresses says.</summary>
    public void GoBySource(string map)
    {
        IsIPv4();
        Meta(Nft.MetaInputName, First);
        Payload(NetworkHeader, SourceOffset, 4, Second);
        Lookup(map, VerdictRegister);
    }

    /// <summary>IPv4 alone: source and destination together are in the set.</summary>
    public void SourceAndDestinationIn(string set)
    {
        IsIPv4();
        Payload(NetworkHeader, SourceOffset, 4, First);
        Payload(NetworkHeader, DestinationOffset, 4, BehindAddress);
        Lookup(set, null);
    }

    /// <summary>Sends the packet to the address and port that the map has for its port.</summary>
    public void TranslateDestination(string map)
    {
        Payload(TransportHeader, 2, 2, First);
        Lookup(map, First);
        using var expression = Begin("nat", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, Nft.DestinationNat);
            _batch.PutBigEndian(2, Nft.FamilyIPv4);
            _batch.PutBigEndian(3, First);
            _batch.PutBigEndian(5, BehindAddress);
        }
    }

    /// <summary>Gives the packet the address that its connection was first sent to as its source.</summary>
    public void TranslateSourceToFirstDestination()
    {
        ConnectionTrack(Nft.TrackDestination, Nft.DirectionOriginal);
        using var expression = Begin("nat", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, Nft.SourceNat);
            _batch.PutBigEndian(2, Nft.FamilyIPv4);
            _batch.PutBigEndian(3, First);
        }
    }

    public void Masquerade()
    {
        using var expression = Begin("masq", out var data);
        data.Dispose();
    }

    public void Log(string prefix)
    {
        using var expression = Begin("log", out var data);
        using (data)
        {
            _batch.Put(2, prefix);
            _batch.PutBigEndian(5, Nft.LogInformation);
        }
    }

    /// <summary>Refuses a TCP connection with a reset, anything else with "port unreachable".</summary>
    public void Reject(bool reset)
    {
        using var expression = Begin("reject", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, reset ? Nft.RejectReset : Nft.RejectUnreachable);
            _batch.Put(2, reset ? (byte)0 : Nft.PortUnreachable);
        }
    }

    public void Accept() => Decide(Nft.VerdictAccept, null);

    public void Jump(string chain) => Decide(Nft.VerdictJump, chain);

    public void Goto(string chain) => Decide(Nft.VerdictGoto, chain);

    private void IsIPv4()
    {
        Meta(Nft.MetaFamily, First);
        Compare(Nft.Equal, [Nft.FamilyIPv4]);
    }

    private void Decide(int verdict, string? chain)
    {
        using var expression = Begin("immediate", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, VerdictRegister);
            using (_batch.Begin(2))
            {
                Nft.PutVerdict(_batch, verdict, chain);
            }
        }
    }

    private void AddressIn(int offset, IPNetwork network, uint operation)
    {
        IsIPv4();
        var mask = network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength);
        Payload(NetworkHeader, offset, 4, First);
        Mask([(byte)(mask >> 24), (byte)(mask >> 16), (byte)(mask >> 8), (byte)mask]);
        Compare(operation, network.BaseAddress.GetAddressBytes());
    }

    private void AnyBitOf(uint bits, uint operation)
    {
        Mask(BitConverter.GetBytes(bits));
        Compare(operation, [0, 0, 0, 0]);
    }

    private void Between(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        if (first.SequenceEqual(last))
        {
            Compare(Nft.Equal, first);
            return;
        }
        Compare(Nft.NotLess, first);
        Compare(Nft.NotGreater, last);
    }

    private void Meta(uint key, uint register)
    {
        using var expression = Begin("meta", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, register);
            _batch.PutBigEndian(2, key);
        }
    }

    private void ConnectionTrack(uint key, byte? direction)
    {
        using var expression = Begin("ct", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, First);
            _batch.PutBigEndian(2, key);
            if (direction is { } wanted)
            {
                _batch.Put(3, wanted);
            }
        }
    }

    private void Payload(uint header, int offset, int length, uint register)
    {
        using var expression = Begin("payload", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, register);
            _batch.PutBigEndian(2, header);
            _batch.PutBigEndian(3, (uint)offset);
            _batch.PutBigEndian(4, (uint)length);
        }
    }

    private void Lookup(string set, uint? result)
    {
        using var expression = Begin("lookup", out var data);
        using (data)
        {
            _batch.Put(1, set);
            _batch.PutBigEndian(2, First);
            if (result is { } register)
            {
                _batch.PutBigEndian(3, register);
            }
        }
    }

    private void Mask(ReadOnlySpan<byte> mask)
    {
        using var expression = Begin("bitwise", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, First);
            _batch.PutBigEndian(2, First);
            _batch.PutBigEndian(3, (uint)mask.Length);
            using (_batch.Begin(4))
            {
                _batch.Put(Value, mask);
            }
            using (_batch.Begin(5))
            {
                _batch.Put(Value, stackalloc byte[mask.Length]);
            }
        }
    }

    private void Compare(uint operation, ReadOnlySpan<byte> value)
    {
        using var expression = Begin("cmp", out var data);
        using (data)
        {
            _batch.PutBigEndian(1, First);
            _batch.PutBigEndian(2, operation);
            using (_batch.Begin(3))
            {
                _batch.Put(Value, value);
            }
        }
    }

    private NetlinkBatch.Nest Begin(string name, out NetlinkBatch.Nest data)
    {
        var expression = _batch.Begin(Element);
        _batch.Put(Name, name);
        data = _batch.Begin(Data);
        return expression;
    }
}
