using System.Diagnostics;
using System.Globalization;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// A container of the server's image, whose own server has answered a Ping. Commands run in it by exec, with its capabilities, its devices, its
/// filter of system calls and its file system; it shares the machine's temporary directory at the same path, in which sockets and files of
/// tests are.
/// </summary>
internal sealed class DockerMachine : LinuxMachine
{
    /// <summary>Where the image has the containers' root filesystem.</summary>
    public const string RootfsPath = "/var/lib/warden/rootfs";

    /// <summary>A container has the nodes of devices that were there when it started, and the kernel makes loop devices as they are asked for.</summary>
    private const string MakeLoopNodes = """
        [ -e /dev/loop-control ] || mknod -m 600 /dev/loop-control c 10 237
        for ((number = 0; number < 256; number++)); do
            [ -e "/dev/loop$number" ] || mknod -m 600 "/dev/loop$number" b 7 "$number"
        done
        """;

    private readonly TemporaryDirectory _directory;
    private readonly IContainer _container;
    private int _commands;
    private int _processId;

    private DockerMachine(TemporaryDirectory directory)
    {
        _directory = directory;
        _container = new ContainerBuilder(DockerEnvironment.Image!).WithImagePullPolicy(PullPolicy.Never)
            .WithName($"warden-suite-{Environment.ProcessId}").WithCommand("serve", "--socket", Socket)
            .WithBindMount(Path.GetTempPath(), Path.GetTempPath()).WithBindMount("/sys/fs/cgroup", "/sys/fs/cgroup")
            .WithCreateParameterModifier(Allow)
            .WithWaitStrategy(Wait.ForUnixContainer().AddCustomWaitStrategy(new DockerPing(Socket), wait => wait.WithTimeout(Deadline.Default * 2)))
            .Build();
    }

    public override string Rootfs => RootfsPath;

    public override int ProcessId => _processId;

    public override IReadOnlyList<string> Executable { get; } = ["warden"];

    protected override string HostScript => _directory["linux-host"];

    private string Socket => _directory["socket"];

    public static async Task<LinuxMachine> StartAsync()
    {
        // The reaper of Testcontainers is an image of a registry, which the machine need not reach: the end of the run removes what is made.
        TestcontainersSettings.ResourceReaperEnabled = false;
        var directory = new TemporaryDirectory();
        DockerMachine machine;
        try
        {
            machine = new DockerMachine(directory);
        }
        catch
        {
            directory.Dispose();
            throw;
        }

        try
        {
            File.Copy(LinuxEnvironment.HostScript, machine.HostScript);
            await machine._container.StartAsync();
            machine._processId = int.Parse(
                HostSystem.Run("docker", "inspect", "--format", "{{.State.Pid}}", machine._container.Id), CultureInfo.InvariantCulture);
            if (LinuxProcesses.NamespaceOf(machine._processId) is not { } space || space == LinuxProcesses.NamespaceOf(Environment.ProcessId))
            {
                throw new InvalidOperationException($"the container's process {machine._processId} is not among those of this machine");
            }

            var made = await machine._container.ExecAsync(["bash", "-c", MakeLoopNodes]);
            return made.ExitCode == 0 ? machine : throw new InvalidOperationException($"nodes of loop devices cannot be made: {made.Stderr}");
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    public override ProcessStartInfo Prepare(params IEnumerable<string> command) => Redirected(
        "docker",
        [
            "exec", "--interactive", "--env", "TMPDIR", "--env", $"WARDEN_COMMAND={_directory.Path}.{Interlocked.Increment(ref _commands)}",
            _container.Id, .. command,
        ]);

    public override string PathOf(string path) => $"/proc/{_processId}/root{path}";

    public override int FirstOf(int inner) => LinuxProcesses.FindIn(LinuxProcesses.NamespaceOf(inner, PathOf("/proc")), 1);

    /// <remarks>A process of a container may have the number too, deeper down.</remarks>
    public override int Find(Process started, int reported) =>
        LinuxProcesses.StartedWith(Marker(started)).First(process => process.Numbers[^1] == reported).Id;

    /// <remarks>The end of docker(1) ends nothing in the container; the end of what it has started there ends docker(1).</remarks>
    public override void Kill(Process started)
    {
        var processes = LinuxProcesses.StartedWith(Marker(started));
        foreach (var outermost in processes.Where(process => !processes.Any(other => other.Id == process.Parent)))
        {
            if (!OperatingSystem.IsWindows())
            {
                HostSystem.Signal(outermost.Id, HostSystem.SigKill);
            }
        }
    }

    /// <summary>Ends the image's own server as `docker stop` does, keeps what it has logged, and removes the container.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_container.State == TestcontainersStates.Running)
            {
                await _container.StopAsync();
            }

            if (_container.State != TestcontainersStates.Undefined)
            {
                var (output, error) = await _container.GetLogsAsync();
                ReportWriter.AppendLog("docker.log", output + error);
            }
        }
        finally
        {
            await _container.DisposeAsync();
            _directory.Dispose();
        }
    }

    private static string Marker(Process started) =>
        started.StartInfo.ArgumentList.First(word => word.StartsWith("WARDEN_COMMAND=", StringComparison.Ordinal));

    /// <summary>
    /// Everything, as --privileged gives it; where the machine lacks a capability itself and can give none such, the same but for that.
    /// Hosts have networks of their own, so that the container needs none.
    /// </summary>
    private static void Allow(CreateContainerParameters parameters)
    {
        var host = parameters.HostConfig ??= new HostConfig();
        host.NetworkMode = "none";
        host.CgroupnsMode = "host";
        host.Init = true;
        var missing = DockerEnvironment.MissingCapabilities();
        if (missing.Count == 0)
        {
            host.Privileged = true;
            return;
        }

        host.CapAdd = ["ALL"];
        host.CapDrop = [.. missing];
        host.SecurityOpt = ["seccomp=unconfined"];
        host.MaskedPaths = [];
        host.ReadonlyPaths = [];
        host.DeviceCgroupRules = ["a *:* rwm"];
    }
}
