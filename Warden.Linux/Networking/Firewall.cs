using System.Net;
using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;
using Warden.Spec.Backend;

namespace Warden.Linux.Networking;

/// <summary>
/// The nf_tables table of one pool of networks, which decides what the containers reach (protocol.md §5). Whatever else is in the firewall
/// is left alone. What a rule costs a packet does not grow with the containers: sets and maps lead to the one chain that matters.
/// </summary>
/// <remarks>
/// <para>A packet from a container to the host meets the chains <c>input</c> and <c>host</c>. One that is forwarded meets <c>forward</c> and
/// <c>outgoing</c>, where the map of containers has its interface and source address together, so a false source leads nowhere; then the
/// container's own chain <c>w-ID</c>, the latest rule first; then <c>configured</c>, the networks of the configuration; and at the end of
/// every way <c>refuse</c>.</para>
/// <para>To a container come the host's packets, those of forwarded ports, and those that another container may send.</para>
/// <para>The kernel keeps what the containers were given while no server runs. A server that starts writes the chains of the configuration
/// anew, in one transaction, and reads back the rest.</para>
/// <para>Where somebody has removed the table, as a reload of the host's own firewall does, the next change brings it back with what this
/// server has given. What an earlier one gave is closed then, as nothing knows it any more.</para>
/// </remarks>
internal sealed partial class Firewall
{
    private const string TablePrefix = "warden-";
    private const string Interfaces = "interfaces";
    private const string Containers = "containers";
    private const string Loops = "loops";
    private const string Forwards = "forwards";
    private const string WaitingForwards = "waiting_forwards";
    private const string ForwardChain = "forward";
    private const string OutgoingChain = "outgoing";
    private const string ConfiguredChain = "configured";
    private const string InputChain = "input";
    private const string HostChain = "host";
    private const string RefuseChain = "refuse";
    private const string PreroutingChain = "prerouting";
    private const string OutputChain = "output";
    private const string PostroutingChain = "postrouting";
    private static readonly IPNetwork Loopback = new(IPAddress.Parse("127.0.0.0"), 8);
    private readonly Lock _gate = new();
    private readonly NetlinkSocket _socket;
    private readonly BackendSettings _settings;
    private readonly string _table;

    private Firewall(NetlinkSocket socket, BackendSettings settings)
    {
        _socket = socket;
        _settings = settings;
        _table = TableOf(settings.Pool);
    }

    /// <summary>Brings the configuration into force and reads what an earlier server has left.</summary>
    /// <param name="socket">A socket of the namespace, which stays the caller's.</param>
    /// <param name="settings">The pool and the networks of the configuration.</param>
    /// <exception cref="LinuxException">The kernel lacks a part of nf_tables, which the message names.</exception>
    public static Firewall Start(NetlinkSocket socket, BackendSettings settings)
    {
        var firewall = new Firewall(socket, settings);
        firewall.Configure();
        firewall.Load();
        return firewall;
    }

    /// <summary>Removes the tables of every pool.</summary>
    public static void RemoveAll(NetlinkSocket socket)
    {
        foreach (var table in Tables(socket).Where(IsOurs))
        {
            RemoveTable(socket, table);
        }
    }

    /// <summary>Removes the table of one pool; that there is none is no error.</summary>
    public static void Remove(NetlinkSocket socket, IPNetwork pool) => RemoveTable(socket, TableOf(pool));

    private static string TableOf(IPNetwork pool) => $"{TablePrefix}{pool.BaseAddress}-{pool.PrefixLength}";

    private static void RemoveTable(NetlinkSocket socket, string table)
    {
        var transaction = new NftTransaction(table);
        transaction.DeleteTable();
        if (transaction.Send(socket).FirstOrDefault(failure => failure.Errno != Errno.ENOENT) is { } failure)
        {
            throw failure.ToException();
        }
    }

    private static List<string> Tables(NetlinkSocket socket)
    {
        var tables = new List<string>();
        socket.Read(NftTransaction.ListTables, tables.Clear, (_, payload) => tables.Add(NftTransaction.TableName(payload)));
        return tables;
    }

    private static bool IsOurs(string table) =>
        table.StartsWith(TablePrefix, StringComparison.Ordinal) && IPNetwork.TryParse(table[TablePrefix.Length..].Replace('-', '/'), out _);

    private void Configure()
    {
        var transaction = new NftTransaction(_table);
        transaction.AddTable();
        transaction.AddSet(Interfaces, NftType.Interface);
        transaction.AddSet(Containers, NftType.Interface + NftType.Address, NftType.Verdict);
        transaction.AddSet(Loops, NftType.Address + NftType.Address);
        transaction.AddSet(Forwards, NftType.Port, NftType.Address + NftType.Port);
        transaction.AddSet(WaitingForwards, NftType.Port + NftType.Address + NftType.Port);
        foreach (var (chain, hook) in ((string, NftHook?)[])
            [
                (RefuseChain, null), (ConfiguredChain, null), (OutgoingChain, null), (HostChain, null),
                (ForwardChain, NftHook.Forward), (InputChain, NftHook.Input),
                (PreroutingChain, NftHook.Prerouting), (OutputChain, NftHook.Output), (PostroutingChain, NftHook.Postrouting),
            ])
        {
            transaction.AddChain(chain, hook);
            transaction.Flush(chain);
        }
        WriteFilter(transaction, _settings);
        WriteTranslation(transaction, _settings.Pool);
        transaction.Execute(_socket);
    }

    private static void WriteFilter(NftTransaction transaction, BackendSettings settings)
    {
        transaction.AddRule(RefuseChain, rule =>
        {
            rule.HasProtocol(Nft.Tcp);
            rule.Reject(reset: true);
        });
        transaction.AddRule(RefuseChain, rule => rule.Reject(reset: false));

        foreach (var range in settings.DenyNetworks)
        {
            transaction.AddRule(ConfiguredChain, rule =>
            {
                rule.DestinationIn(range.First, range.Last);
                rule.Goto(RefuseChain);
            });
        }
        foreach (var range in settings.AllowNetworks)
        {
            transaction.AddRule(ConfiguredChain, rule =>
            {
                rule.DestinationIn(range.First, range.Last);
                rule.Accept();
            });
        }
        transaction.AddRule(ConfiguredChain, rule => rule.Goto(RefuseChain));

        transaction.AddRule(OutgoingChain, rule => rule.GoBySource(Containers));
        transaction.AddRule(OutgoingChain, rule => rule.Goto(RefuseChain));

        AcceptKnownConnections(ForwardChain);
        transaction.AddRule(ForwardChain, rule =>
        {
            rule.ComesThroughOneOf(Interfaces);
            rule.Goto(OutgoingChain);
        });
        transaction.AddRule(ForwardChain, rule =>
        {
            rule.LeavesThroughOneOf(Interfaces);
            rule.IsForwardedPort(false);
            rule.Goto(RefuseChain);
        });

        AcceptKnownConnections(InputChain);
        transaction.AddRule(InputChain, rule =>
        {
            rule.ComesThroughOneOf(Interfaces);
            rule.Goto(HostChain);
        });
        if (settings.AllowHostAccess)
        {
            transaction.AddRule(HostChain, rule =>
            {
                rule.SourceIn(settings.Pool);
                rule.Accept();
            });
        }
        transaction.AddRule(HostChain, rule => rule.Goto(RefuseChain));

        void AcceptKnownConnections(string chain) => transaction.AddRule(chain, rule =>
        {
            rule.IsOfKnownConnection();
            rule.Accept();
        });
    }

    private static void WriteTranslation(NftTransaction transaction, IPNetwork pool)
    {
        // Only what is for the host's own addresses is forwarded, so a container's traffic to such a port elsewhere stays its own. The
        // addresses that the host has towards its containers are closed to them and forward nothing.
        foreach (var chain in (string[])[PreroutingChain, OutputChain])
        {
            transaction.AddRule(chain, rule =>
            {
                rule.HasProtocol(Nft.Tcp);
                rule.DestinationOutside(pool);
                rule.DestinationOutside(Loopback);
                rule.IsForHost();
                rule.TranslateDestination(Forwards);
            });
        }

        transaction.AddRule(PostroutingChain, rule =>
        {
            rule.LeavesThrough("lo");
            rule.Accept();
        });
        // A container that comes back to itself through a forwarded port must meet another's address, or its answer would not come back here.
        transaction.AddRule(PostroutingChain, rule =>
        {
            rule.IsForwardedPort(true);
            rule.SourceAndDestinationIn(Loops);
            rule.TranslateSourceToFirstDestination();
        });
        transaction.AddRule(PostroutingChain, rule =>
        {
            rule.LeavesThroughOneOf(Interfaces);
            rule.Accept();
        });
        transaction.AddRule(PostroutingChain, rule =>
        {
            rule.SourceIn(pool);
            rule.Masquerade();
        });
    }
}
