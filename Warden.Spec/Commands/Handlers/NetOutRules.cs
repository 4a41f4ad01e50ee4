using System.Globalization;
using Warden.Spec.Backend;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Reads the rule that a NetOut asks for (protocol.md §5). An empty text counts as absent.</summary>
internal static class NetOutRules
{
    private const string NothingGiven = "Please specify network, port, and/or port_range.";
    private const int Every = -1;

    /// <exception cref="WardenException">It is none.</exception>
    public static NetOutRule Read(NetOutRequest request)
    {
        var protocol = (NetProtocol)request.Protocol;
        var hasNetwork = request.Network.Length > 0;
        var hasPorts = request.HasPort || request.PortRange.Length > 0;
        if (!hasNetwork && (!hasPorts || protocol == NetProtocol.Icmp))
        {
            throw new WardenException(NothingGiven);
        }

        var ports = ReadPorts(request);
        AddressRange? network = null;
        if (hasNetwork)
        {
            network = AddressRanges.TryParse(request.Network, out var range)
                ? range
                : throw new WardenException($"network: '{request.Network}' is no address, ADDRESS/PREFIX or FIRST-LAST");
        }

        var type = ReadIcmp(request.HasIcmpType, request.IcmpType, "icmp_type");
        var code = ReadIcmp(request.HasIcmpCode, request.IcmpCode, "icmp_code");
        return protocol == NetProtocol.Icmp
            ? new NetOutRule(network, null, protocol, type, code, request.Log)
            : new NetOutRule(network, ports, protocol, null, null, request.Log);
    }

    private static (int First, int Last)? ReadPorts(NetOutRequest request)
    {
        var text = request.PortRange;
        if (text.Length == 0)
        {
            return request.HasPort && RequestFields.Port(request.Port, "port") is var port ? (port, port) : null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0
            || !uint.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !uint.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            throw new WardenException($"port_range: '{text}' is not LOW:HIGH");
        }

        return last > first
            ? (RequestFields.Port(first, "port_range"), RequestFields.Port(last, "port_range"))
            : throw new WardenException("Port range maximum must be greater than minimum");
    }

    private static int? ReadIcmp(bool isSet, int value, string field) => !isSet || value == Every
        ? null
        : value is >= 0 and <= 255 ? value : throw new WardenException($"{field} must be from -1 to 255, not {value}");
}
