using System.Globalization;
using Warden.Spec.Backend;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Reads the rules that a NetOut asks for (protocol.md §5). An empty text counts as absent.</summary>
internal static class NetOutRules
{
    private const string NothingGiven = "Please specify network, port, and/or port_range.";
    private const int Every = -1;
    private const int LastPort = 65535;

    /// <summary>One rule for each network of a list, in its order. All of a request is read before any of it is opened.</summary>
    /// <exception cref="WardenException">A field's value is none.</exception>
    public static IReadOnlyList<NetOutRule> Read(NetOutRequest request)
    {
        var protocol = (NetProtocol)request.Protocol;
        var hasNetwork = request.Network.Length > 0;
        var hasPorts = request.HasPort || request.PortRange.Length > 0;
        if (!hasNetwork && (!hasPorts || protocol == NetProtocol.Icmp))
        {
            throw new WardenException(NothingGiven);
        }

        var ports = ReadPorts(request);
        IReadOnlyList<AddressRange?> networks = hasNetwork ? [.. ReadNetworks(request.Network)] : [null];
        var type = ReadIcmp(request.HasIcmpType, request.IcmpType, "icmp_type");
        var code = ReadIcmp(request.HasIcmpCode, request.IcmpCode, "icmp_code");
        return
        [
            .. networks.Select(network => protocol == NetProtocol.Icmp
                ? new NetOutRule(network, null, protocol, type, code, request.Log)
                : new NetOutRule(network, ports, protocol, null, null, request.Log)),
        ];
    }

    private static IEnumerable<AddressRange?> ReadNetworks(string text)
    {
        foreach (var network in text.Split(','))
        {
            yield return AddressRanges.TryParse(network, out var range)
                ? range
                : throw new WardenException(
                    $"network: '{network}' is no IPv4 address, ADDRESS/PREFIX, ADDRESS/MASK or FIRST-LAST; names are not taken, and a comma separates several networks");
        }
    }

    private static (int First, int Last)? ReadPorts(NetOutRequest request)
    {
        var text = request.PortRange;
        if (text.Length == 0)
        {
            return request.HasPort && RequestFields.Port(request.Port, "port") is var port ? (port, port) : null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (low, high) = colon < 0 ? (text, text) : (text[..colon], text[(colon + 1)..]);
        var isOpen = low.Length == 0 != (high.Length == 0);
        if (!TryReadPort(low, isOpen, 0, out var first) || !TryReadPort(high, isOpen, LastPort, out var last))
        {
            throw new WardenException($"port_range: '{text}' is not LOW:HIGH, PORT, :HIGH or LOW:");
        }

        if (colon >= 0 && last <= first)
        {
            throw new WardenException("Port range maximum must be greater than minimum");
        }

        return (low.Length == 0 ? 0 : RequestFields.Port(first, "port_range"), RequestFields.Port(last, "port_range"));
    }

    private static bool TryReadPort(string text, bool mayBeEmpty, uint whenEmpty, out uint port)
    {
        port = whenEmpty;
        return (mayBeEmpty && text.Length == 0) || uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }

    private static int? ReadIcmp(bool isSet, int value, string field) => !isSet || value == Every
        ? null
        : value is >= 0 and <= 255 ? value : throw new WardenException($"{field} must be from -1 to 255, not {value}");
}
