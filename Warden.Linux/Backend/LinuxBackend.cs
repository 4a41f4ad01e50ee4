using System.Collections.Concurrent;
using Warden.Linux.Cgroups;
using Warden.Linux.Filesystem;
using Warden.Linux.Interop;
using Warden.Linux.Networking;
using Warden.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Backend;

/// <summary>
/// Containers made by the kernel. What it made outlives it: the containers' monitors, their cgroups, interfaces and rules, and the depot
/// are all that a later one needs.
/// </summary>
internal sealed class LinuxBackend : IBackend, IAsyncDisposable
{
    private static readonly TimeSpan ThawPeriod = TimeSpan.FromSeconds(1);

    /// <summary>The console's log is rotated after this many bytes, and one older one is kept.</summary>
    private const long ConsoleMaxBytes = 1024 * 1024;

    private readonly ConcurrentDictionary<string, LinuxContainerBackend> _containers = new(StringComparer.Ordinal);
    private HelperProgram? _helper;
    private ICgroupHost? _cgroups;
    private LinuxDepot? _depot;
    private HostNetwork? _network;
    private BackendSettings? _settings;
    private BackendCapabilities _capabilities = new();

    /// <inheritdoc/>
    public BackendCapabilities Capabilities => _capabilities;

    /// <inheritdoc/>
    public IDepot Depot => Started(_depot);

    /// <inheritdoc/>
    public IHostFacts Host { get; } = new LinuxHostFacts();

    internal LinuxDepot Directories => Started(_depot);

    internal HostNetwork Network => Started(_network);

    internal BackendSettings Settings => Started(_settings);

    internal ICgroupHost Cgroups => Started(_cgroups);

    /// <inheritdoc/>
    public async ValueTask StartAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        _helper ??= HelperProgram.Load();
        InotifyLimits.OfHost().Raise();
        var processes = ProcessBounds.OfHost(settings);
        _cgroups = CgroupHost.Detect(new CgroupOptions
        {
            AllowNestedWarden = settings.AllowNestedWarden,
            ProcessLimit = processes.Each,
            TotalProcessLimit = processes.Total,
        });
        _depot?.Dispose();
        _depot = LinuxDepot.Open(settings.DepotPath, settings.DiskQuotaEnabled, isShielded: true);
        if (_network is not null)
        {
            await _network.DisposeAsync().ConfigureAwait(false);
        }

        _network = await HostNetwork.StartAsync(settings, cancellationToken).ConfigureAwait(false);
        await RemoveStrayNetworksAsync(_network, _depot, _cgroups, cancellationToken).ConfigureAwait(false);
        _settings = settings;
        _capabilities = FindCapabilities(_depot.Quota, _cgroups);
    }

    /// <inheritdoc/>
    public async ValueTask<IContainerBackend> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        var settings = Started(_settings);
        var lower = FindRootfs(spec.RootfsPath ?? settings.RootfsPath);
        foreach (var mount in spec.BindMounts)
        {
            if (mount.TargetPath.Length == 0)
            {
                throw new WardenException($"Destination path for bind mount is empty: the source is {mount.SourcePath}");
            }
        }

        var mounts = spec.BindMounts.Select(mount => mount with { SourcePath = FindSource(mount.SourcePath) }).ToArray();

        var directory = Directories.Create(spec.Id);
        IContainerCgroup? cgroup = null;
        try
        {
            Directories.Quota.Take(new DiskUser(spec.Id, spec.UserId));
            var lowerUserId = EtcFiles.Write(directory, lower, new EtcContent
            {
                HostName = spec.Id,
                Address = spec.ContainerAddress,
                UserId = spec.UserId,
                ResolvConf = ResolvConf.For(settings.DnsServers, spec.HostAddress),
            });
            var group = cgroup = Cgroups.Create(spec.Id);
            var monitor = await ContainerMonitor.StartAsync(
                Started(_helper), ToStart(spec, settings, directory, group, lower, lowerUserId, mounts), AfterCloneAsync, cancellationToken).ConfigureAwait(false);
            return _containers[spec.Id] = new LinuxContainerBackend(this, spec, directory, group, monitor);

            async ValueTask<string?> AfterCloneAsync(int childId, CancellationToken stop)
            {
                group.Attach(childId);
                await Network.AddContainerAsync(spec.Id, spec.HostAddress, spec.ContainerAddress, childId, stop).ConfigureAwait(false);
                return group.MemoryPath;
            }
        }
        catch
        {
            // The monitor's start has ended its processes by itself.
            cgroup?.Dispose();
            await RemoveAsync(spec.Id, Task.CompletedTask).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IContainerBackend?> RecoverAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        if (_containers.TryGetValue(spec.Id, out var known) && !known.InitEnded.IsCompleted)
        {
            return known;
        }

        if (Directories.Find(spec.Id) is not { } directory || Cgroups.Open(spec.Id) is not { } cgroup)
        {
            return null;
        }

        var monitor = await ContainerMonitor.ConnectAsync(directory.Run, SyslogSocket(Started(_settings)), cancellationToken).ConfigureAwait(false);
        if (monitor is null)
        {
            cgroup.Dispose();
            return null;
        }

        if (!await Network.RecoverContainerAsync(spec.Id, spec.HostAddress, spec.ContainerAddress, cancellationToken).ConfigureAwait(false))
        {
            await monitor.DisposeAsync().ConfigureAwait(false);
            cgroup.Dispose();
            return null;
        }

        return _containers[spec.Id] = new LinuxContainerBackend(this, spec, directory, cgroup, monitor);
    }

    /// <inheritdoc/>
    public async ValueTask DestroyRemainsAsync(string containerId, CancellationToken cancellationToken)
    {
        using var cgroup = Cgroups.Open(containerId);
        var ended = Directories.Find(containerId) is { } directory
            ? ThawUntilAsync(ContainerMonitor.KillRemainsAsync(directory.Run, cancellationToken).AsTask(), cgroup)
            : Task.CompletedTask;
        await RemoveAsync(containerId, ended).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits for the end of processes. One that was killed while cgroup v1 holds it frozen dies only after thawing, and may be frozen again
    /// before that.
    /// </summary>
    internal static async Task ThawUntilAsync(Task ended, IContainerCgroup? cgroup, Action? resume = null)
    {
        while (!ended.IsCompleted)
        {
            using var pause = new CancellationTokenSource();
            if (await Task.WhenAny(ended, Task.Delay(ThawPeriod, pause.Token)).ConfigureAwait(false) != ended)
            {
                cgroup?.Thaw();
                resume?.Invoke();
            }

            await pause.CancelAsync().ConfigureAwait(false);
        }

        await ended.ConfigureAwait(false);
    }

    /// <summary>
    /// Removes what a container has on the host. The directory goes last: while it is there, what is left can be found and removed by
    /// another try.
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="ended">Completes when its processes have ended, for which its network does not wait: the kernel takes long to remove it.</param>
    internal async ValueTask RemoveAsync(string id, Task ended)
    {
        var disconnected = Network.RemoveContainerAsync(id, CancellationToken.None).AsTask();
        try
        {
            await ended.ConfigureAwait(false);
            // It may have to wait for processes that are not quite gone, which blocks its thread.
            await Task.Run(() => Cgroups.Remove(id)).ConfigureAwait(false);
        }
        finally
        {
            await disconnected.ConfigureAwait(false);
        }

        await Directories.RemoveAsync(id).ConfigureAwait(false);
        _containers.TryRemove(id, out _);
    }

    /// <summary>Lets go of the containers; they live on.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers.Values)
        {
            await container.LetGoAsync().ConfigureAwait(false);
        }

        _containers.Clear();
        if (_network is not null)
        {
            await _network.DisposeAsync().ConfigureAwait(false);
        }

        _depot?.Dispose();
        _helper?.Dispose();
    }

    // What is left of a container of this server whose directory somebody has removed. One that has control groups is another server's.
    private static async ValueTask RemoveStrayNetworksAsync(
        HostNetwork network, LinuxDepot depot, ICgroupHost cgroups, CancellationToken cancellationToken)
    {
        var strays = network.Ids.Where(id => !depot.HasMarker(id)).ToList();
        if (strays.Count > 0)
        {
            await Task.WhenAll(strays.Except(cgroups.List()).Select(id => network.RemoveContainerAsync(id, cancellationToken).AsTask()))
                .ConfigureAwait(false);
        }
    }

    private static BackendCapabilities FindCapabilities(IDiskQuota quota, ICgroupHost cgroups)
    {
        var lacking = new Dictionary<BackendFeature, string>();
        if (!quota.LimitsBytes)
        {
            lacking[BackendFeature.DiskBytes] = quota.WhyNot ?? "the depot's filesystem has no quotas";
        }

        if (!quota.LimitsInodes)
        {
            lacking[BackendFeature.DiskInodes] = quota.WhyNot ?? "the depot's filesystem limits no inodes";
        }

        if (!cgroups.AccountsSwap)
        {
            lacking[BackendFeature.Swap] = "the kernel does not account swap";
        }

        return new BackendCapabilities(lacking);
    }

    private static ContainerStart ToStart(
        ContainerSpec spec, BackendSettings settings, ContainerDirectory directory, IContainerCgroup cgroup, string lower, uint? lowerUserId,
        IReadOnlyList<BindMountSpec> mounts) => new()
        {
            Id = spec.Id,
            Path = directory.Path,
            RunDirectory = directory.Run,
            Lower = lower,
            Upper = directory.Upper,
            Work = directory.Work,
            LowerUserId = lowerUserId,
            UserId = spec.UserId,
            Interface = $"w-{spec.Id}-1",
            Address = spec.ContainerAddress,
            Gateway = spec.HostAddress,
            PrefixLength = 30,
            Mtu = settings.Mtu,
            ConsoleLog = directory.ConsoleLog,
            ConsoleMaxBytes = ConsoleMaxBytes,
            Hooks = settings.HooksPath,
            NoNewPrivileges = settings.NoNewPrivileges,
            AllowNestedWarden = settings.AllowNestedWarden,
            SharedMemoryBytes = SharedMemory.SizeFor(cgroup.ReadMemoryLimit(), settings.SharedMemoryLimit),
            AllowI386Sockets = settings.AllowI386Sockets,
            CgroupTasks = cgroup.TaskFiles,
            UnifiedCgroup = cgroup.UnifiedPath,
            BindMounts = mounts,
            SyslogSocket = SyslogSocket(settings),
        };

    private static string SyslogSocket(BackendSettings settings) => settings.SyslogSocket ?? "/dev/log";

    private static string FindRootfs(string? path)
    {
        if (path is null)
        {
            throw new WardenException("No root filesystem is configured: set server.container_rootfs_path, or name one in the request");
        }

        // The client's links are followed here, once: what the union is made of does not change under a container.
        return HostPath.Find(path, out var real, out var isDirectory) switch
        {
            Errno.ELOOP => throw new WardenException($"rootfs {path}: {LinuxException.Describe(Errno.ELOOP)}"),
            0 when isDirectory => real,
            _ => throw new WardenException($"rootfs {path} not found"),
        };
    }

    // The helper mounts what is found here: it follows no link any more.
    private static string FindSource(string path) => HostPath.Find(path, out var real, out _) switch
    {
        0 => real,
        Errno.ELOOP => throw new WardenException($"Source path for bind mount {path}: {LinuxException.Describe(Errno.ELOOP)}"),
        _ => throw new WardenException($"Source path for bind mount does not exist: {path}"),
    };

    private static T Started<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The backend was not started.");
}
