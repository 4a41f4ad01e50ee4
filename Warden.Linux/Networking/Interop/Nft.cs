using System.Text;

namespace Warden.Linux.Networking.Interop;

/// <summary>Numbers of nf_tables (linux/netfilter/nf_tables.h), under the names of what they are used for here.</summary>
internal static class Nft
{
    public const byte FamilyInet = 1;
    public const byte FamilyIPv4 = 2;

    public const uint MetaInputName = 6;
    public const uint MetaOutputName = 7;
    public const uint MetaFamily = 15;
    public const uint MetaProtocol = 16;

    public const uint Equal = 0;
    public const uint NotEqual = 1;
    public const uint NotGreater = 3;
    public const uint NotLess = 5;

    public const uint TrackState = 0;
    public const uint TrackStatus = 2;
    public const uint TrackDestination = 20;
    public const byte DirectionOriginal = 0;
    public const uint StateEstablished = 2;
    public const uint StateRelated = 4;
    public const uint StatusDestinationTranslated = 0x20;

    public const uint FibAddressType = 3;
    public const uint FibDestination = 2;
    public const uint LocalRoute = 2;

    public const uint SourceNat = 0;
    public const uint DestinationNat = 1;

    public const uint RejectReset = 1;
    public const uint RejectUnreachable = 2;
    public const byte PortUnreachable = 1;

    public const uint LogInformation = 6;

    public const int VerdictAccept = 1;
    public const int VerdictJump = -3;
    public const int VerdictGoto = -4;

    /// <summary>The length of an interface's name in a set: IFNAMSIZ.</summary>
    public const int InterfaceNameLength = 16;

    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Icmp = 1;

    /// <summary>A name as it stands in a register: with NULs to its full length.</summary>
    public static byte[] InterfaceName(string name)
    {
        var bytes = new byte[InterfaceNameLength];
        Encoding.ASCII.GetBytes(name, bytes.AsSpan(0, InterfaceNameLength - 1));
        return bytes;
    }

    /// <summary>Writes a verdict as the data of an expression or an element.</summary>
    public static void PutVerdict(NetlinkBatch batch, int verdict, string? chain)
    {
        using var data = batch.Begin(2);
        batch.PutBigEndian(1, unchecked((uint)verdict));
        if (chain is not null)
        {
            batch.Put(2, chain);
        }
    }
}
