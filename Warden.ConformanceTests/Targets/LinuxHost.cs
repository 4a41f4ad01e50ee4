using System.Diagnostics;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// A host for one server: network, mounts, processes and control groups of its own, and a world outside. It ends, with all that runs in it,
/// when its standard input does.
/// </summary>
internal sealed class LinuxHost : IAsyncDisposable
{
    private readonly Process _process;
    private readonly int _inner;
    private readonly int _outsideId;
    private readonly string? _namespace;
    private LinuxOutside? _outside;
    private bool _hasEnded;

    private LinuxHost(LinuxMachine machine, Process process, int inner, int outsideId, LinuxCgroups groups, string depot, int? firstUser)
    {
        Machine = machine;
        _process = process;
        _inner = inner;
        _outsideId = outsideId;
        Id = machine.FirstOf(inner);
        _namespace = LinuxProcesses.NamespaceOf(Id);
        Groups = groups;
        Depot = depot;
        FirstUser = firstUser;
    }

    /// <summary>Where it is.</summary>
    public LinuxMachine Machine { get; }

    /// <summary>Its first process, as the tests' machine numbers it.</summary>
    public int Id { get; }

    public LinuxCgroups Groups { get; }

    /// <summary>The directory for the server's depot.</summary>
    public string Depot { get; }

    /// <summary>The first user id for containers that no other host has; null where the server's default is.</summary>
    public int? FirstUser { get; }

    /// <summary>A host on the tests' machine, or elsewhere.</summary>
    public static async Task<LinuxHost> StartAsync(LinuxSite? site = null)
    {
        var run = await (site ?? LinuxSite.Here).CurrentAsync();
        var (groups, depot, firstUser) = run.Next();
        var process = Process.Start(run.Machine.Script(["make", $"{run.KeeperId}", .. groups.Paths]))!;
        var ids = (await FirstLineAsync(process)).Split(' ').Select(int.Parse).ToArray();
        return new LinuxHost(run.Machine, process, ids[0], ids[1], groups, depot, firstUser);
    }

    /// <summary>The line that says that what the script makes is there.</summary>
    public static async Task<string> FirstLineAsync(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var line = await Deadline.WithinAsync("a host", process.StandardOutput.ReadLineAsync(), Deadline.Default * 2);
        return line ?? throw new InvalidOperationException($"no host could be made: {await error}");
    }

    /// <summary>Prepares a command that runs in the host.</summary>
    public ProcessStartInfo Enter(params IEnumerable<string> command) =>
        Machine.Script(["enter", $"{_inner}", .. Groups.Paths, "--", .. command]);

    /// <summary>Prepares the server's executable in the host.</summary>
    public ProcessStartInfo EnterExecutable(params IEnumerable<string> arguments) => Enter([.. Machine.Executable, .. arguments]);

    /// <summary>The tests' number of the process that has a number in the host.</summary>
    public int Find(int reported) => LinuxProcesses.FindIn(_namespace, reported);

    /// <summary>Runs a command in the host to its end and returns its output.</summary>
    public async Task<string> RunAsync(params IEnumerable<string> command)
    {
        var (status, output, error) = await TargetExecutable.RunAsync(Enter(command), "");
        return status == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {status}: {error}");
    }

    /// <summary>A path of the host as the tests reach it.</summary>
    public string PathOf(string path) => $"/proc/{Id}/root{path}";

    public Socket NewSocket(SocketType type, ProtocolType protocol) => NetworkNamespace.NewSocket($"/proc/{Id}/ns/net", type, protocol);

    /// <summary>What lies beyond the host's external interface; its services run from the first call on.</summary>
    public LinuxOutside Outside() => _outside ??= new LinuxOutside($"/proc/{Id}/root/proc/{_outsideId}/ns/net");

    /// <summary>The host's processes but its first, by the machine's numbers, with their names.</summary>
    public IEnumerable<(int Id, string Name)> Processes()
    {
        return from directory in Directory.EnumerateDirectories("/proc")
               let id = int.TryParse(Path.GetFileName(directory), out var number) ? number : 0
               where id > 0 && id != Id && LinuxProcesses.NamespaceOf(id) == _namespace
               select (id, Name(id));

        static string Name(int id)
        {
            try
            {
                return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').Trim();
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        if (_outside is not null)
        {
            await _outside.DisposeAsync();
        }

        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        catch (TimeoutException)
        {
            _process.Kill(true);
            throw;
        }

        _process.Dispose();
        Groups.Remove();
    }
}
