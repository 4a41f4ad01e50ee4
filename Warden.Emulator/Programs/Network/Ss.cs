namespace Warden.Emulator.Programs;

/// <summary>ss(8): lists sockets.</summary>
internal sealed class Ss() : GnuProgram("ss")
{
    protected override int FailureStatus => 255;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options("tulanpHeimo4xs", "tcp t", "udp u", "listening l", "all a", "numeric n", "processes p", "no-header H", "ipv4 4");
        var (tcp, udp) = (options.Has("t"), options.Has("u"));
        var both = tcp == udp;
        var rows = SocketRow.Of(c.Process.Container.Network, tcp || both, udp || both)
            .Where(row => options.Has("a") || row.IsServer == options.Has("l")).ToList();
        var header = !options.Has("H");
        var cells = rows.ConvertAll(row => (
            Row: row, Local: row.Local.Address.ToString(), LocalPort: row.Local.Port.ToString(),
            Remote: row.Remote?.Address.ToString() ?? "0.0.0.0", RemotePort: row.Remote?.Port.ToString() ?? "*"));
        var stateWidth = Width("State", cells.Select(cell => cell.Row.State));
        var localWidth = Width("Local Address", cells.Select(cell => cell.Local));
        var localPortWidth = Width("Port", cells.Select(cell => cell.LocalPort));
        var remoteWidth = Width("Peer Address", cells.Select(cell => cell.Remote));
        var remotePortWidth = Width("Port", cells.Select(cell => cell.RemotePort));
        if (header)
        {
            Line("Netid", "State", "Recv-Q", "Send-Q", "Local Address", "Port", "Peer Address", "Port", "Process");
        }
        foreach (var (row, local, localPort, remote, remotePort) in cells)
        {
            Line(row.Protocol, row.State, row.Received.ToString(), row.Backlog.ToString(), local, localPort, remote, remotePort, header ? "       " : "");
        }
        return ValueTask.FromResult(0);

        int Width(string title, IEnumerable<string> texts) => texts.Append(header ? title : "").Max(text => text.Length);

        void Line(string netid, string state, string received, string sent, string local, string localPort, string remote, string remotePort, string process)
        {
            var kind = both || (tcp && udp) ? netid.PadRight(6) : "";
            var line = $"{kind}{state.PadRight(stateWidth)} {received,-6} {sent,-6} {local.PadLeft(localWidth)}:{localPort.PadRight(localPortWidth)} "
                + $"{remote.PadLeft(remoteWidth)}:{remotePort.PadRight(remotePortWidth)}{process}";
            c.WriteLine(header ? line : line.TrimEnd());
        }
    }
}
