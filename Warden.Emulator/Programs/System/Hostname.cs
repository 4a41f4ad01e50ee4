namespace Warden.Emulator.Programs;

internal sealed class Hostname() : GnuProgram("hostname")
{
    protected override string Version => "hostname 3.23";

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("aAbdfF:iIsy", "alias a", "all-fqdns A", "domain d", "fqdn f", "long f", "file= F", "ip-address i", "all-ip-addresses I", "short s");
        var addresses = c.Process.Container.Network.Interfaces.Where(i => i.Name != "lo").Select(i => i.Address.ToString()).ToList();
        if (o.Operands.Count > 0)
        {
            if (c.Process.UserId != 0)
            {
                throw c.Die("you must be root to change the host name");
            }
            c.Process.Container.HostName = o.Operands[0];
            return ValueTask.FromResult(0);
        }
        var name = c.Process.Container.HostName;
        switch (o.All.Count == 0 ? "" : o.All[^1].Key)
        {
            case "I":
                c.WriteLine(string.Concat(addresses.Select(a => a + " ")));
                break;
            case "i":
                var resolved = c.Process.Container.Network.Resolve(c.Process, name) ?? throw c.Die("Name or service not known");
                c.WriteLine(resolved.ToString());
                break;
            case "s":
                c.WriteLine(name.Split('.')[0]);
                break;
            case "d" or "a":
                c.WriteLine(name.Contains('.', StringComparison.Ordinal) ? name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..] : "");
                break;
            default:
                c.WriteLine(name);
                break;
        }
        return ValueTask.FromResult(0);
    }
}
