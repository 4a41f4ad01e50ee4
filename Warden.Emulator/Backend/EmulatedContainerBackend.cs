using System.Collections.Concurrent;
using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;

namespace Warden.Emulator.Backend;

/// <summary>One emulated container as the engine sees it.</summary>
internal sealed partial class EmulatedContainerBackend : IContainerBackend
{
    // USER_HZ of Linux on every architecture that .NET runs on.
    private const long TicksPerSecond = 100;

    private readonly EmulatedBackend _backend;
    private readonly EmulatedContainer _container;
    private readonly string _id;
    private readonly bool _accountsDisk;
    private readonly ConcurrentDictionary<uint, EmulatedJob> _jobs = new();
    private ulong _shares = 1024;

    /// <summary>Makes the container.</summary>
    /// <exception cref="WardenException">A bind mount's target cannot be made.</exception>
    public EmulatedContainerBackend(EmulatedBackend backend, ContainerSpec spec, BackendSettings settings, NetworkStack network)
    {
        _backend = backend;
        _id = spec.Id;
        _accountsDisk = settings.DiskQuotaEnabled;
        Path = $"{settings.DepotPath.TrimEnd('/')}/{spec.Id}";
        try
        {
            _container = new EmulatedContainer(new ContainerOptions
            {
                Id = spec.Id,
                HostName = spec.Id,
                UserId = spec.UserId,
                Address = spec.ContainerAddress.ToString(),
                Image = backend.Image,
                Network = network,
                Clock = backend.Clock,
                ResolverConfiguration = ResolverConfiguration(settings, spec.HostAddress),
                BindMounts = [.. spec.BindMounts.Select(m => m with { TargetPath = ByteText.FromHost(m.TargetPath) })],
            });
        }
        catch (ErrnoException e)
        {
            throw new WardenException($"Cannot make the bind mounts: {ErrnoException.Describe(e.Errno)}", e);
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public Task OutOfMemory => _container.OutOfMemory;

    /// <inheritdoc/>
    public Task InitEnded => _container.Init.Exited;

    /// <inheritdoc/>
    public ValueTask<IBackendJob> StartJobAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Limits[ResourceLimit.Nofile] is > LimitTable.MaxOpenFiles and var openFiles)
        {
            throw new WardenException($"Cannot set the limit nofile to {openFiles}: {ErrnoException.Describe(Errno.EPERM)}");
        }

        var lines = spec.LogTag is { } tag ? new SyslogLines(tag, datagram => _backend.Syslog?.Send(datagram), _backend.Clock) : null;
        var job = new EmulatedJob(spec, lines, forgotten => _jobs.TryRemove(new(forgotten.Id, forgotten)));
        var user = spec.Privileged ? 0 : _container.UserId;
        var (name, home, path) = spec.Privileged
            ? ("root", "/root", "/sbin:/bin:/usr/sbin:/usr/bin")
            : ("vcap", "/home/vcap", "/bin:/usr/bin");
        _jobs[spec.Id] = job;
        try
        {
            job.Attach(_container.StartProcess(new ProcessOptions
            {
                Path = "/bin/bash",
                Arguments = ["/bin/bash"],
                Environment =
                [
                    new("HOME", home), new("USER", name), new("PATH", path), new("LANG", ByteText.FromHost(spec.Language)),
                ],
                UserId = user,
                Directory = home,
                Files =
                [
                    new ScriptInput(_container, spec.Script),
                    new OutputSink(_container, (writer, data) => job.TakeAsync(writer, OutputStream.Stdout, data), job.CloseOne),
                    new OutputSink(_container, (writer, data) => job.TakeAsync(writer, OutputStream.Stderr, data), job.CloseOne),
                ],
                Limits = spec.Limits,
            }));
        }
        catch (ErrnoException e)
        {
            job.Forget();
            throw new WardenException($"Cannot start /bin/bash in the container: {ErrnoException.Describe(e.Errno)}", e);
        }

        return new(job);
    }

    /// <inheritdoc/>
    public ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken) =>
        new(_jobs.GetValueOrDefault(jobId));

    /// <inheritdoc/>
    public ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken)
    {
        _container.SignalAll((Signal)signal);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken) => new(_container.WaitUntilIdleAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken) =>
        CopyAsync(process => CopyIn.RunAsync(process, sourcePath, destinationPath, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken) =>
        CopyAsync(process => CopyOut.RunAsync(process, sourcePath, destinationPath, owner, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ContainerStatistics> MeasureAsync(CancellationToken cancellationToken)
    {
        var time = _container.ProcessorTime;
        var ticks = (ulong)(time.Ticks * TicksPerSecond / TimeSpan.TicksPerSecond);
        ulong? bytes = null, inodes = null;
        if (_accountsDisk)
        {
            lock (_container.Gate)
            {
                bytes = (ulong)(_container.Disk.Blocks * DiskAccount.BlockSize);
                inodes = (ulong)_container.Disk.Inodes;
            }
        }

        return new(new ContainerStatistics
        {
            Memory = _container.MeasureMemory(),
            CpuNanoseconds = (ulong)(time.Ticks * TimeSpan.NanosecondsPerTick),
            CpuUserTicks = ticks,
            CpuSystemTicks = 0,
            DiskBytes = bytes,
            DiskInodes = inodes,
        });
    }

    /// <inheritdoc/>
    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        _container.Destroy();
        await Task.WhenAll(_jobs.Values.Select(job => job.Ended)).ConfigureAwait(false);
        _backend.Remove(_id);
    }

    /// <summary>A path of a copy in full: a relative one is relative to the home of the container's user.</summary>
    internal static string FromHome(string path) => path.StartsWith('/') ? path : $"/home/vcap/{path}";

    // The copy runs as a process of the container's user, so that the container's kernel judges every call of it. A stop that asks
    // processes to end lets it finish; one that kills ends it.
    private async ValueTask CopyAsync(Func<Process, Task> copy, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Process process;
        try
        {
            process = _container.StartProcess(
                new ProcessOptions { Path = "/usr/bin/copy", Arguments = ["copy"], UserId = _container.UserId },
                async copier =>
                {
                    copier.SetSignalAction(Signal.TERM, SignalAction.Ignore);
                    try
                    {
                        await copy(copier).ConfigureAwait(false);
                        done.TrySetResult();
                    }
                    catch (Exception e)
                    {
                        done.TrySetException(e);
                    }

                    return 0;
                });
        }
        catch (ErrnoException e)
        {
            throw new WardenException($"Cannot copy: {ErrnoException.Describe(e.Errno)}", e);
        }

        await Task.WhenAny(done.Task, process.Exited).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!done.Task.IsCompleted && process.Exited is { IsCompletedSuccessfully: true, Result.Signalled: true })
        {
            throw new WardenException("The copy was ended by the container's stop");
        }

        try
        {
            await done.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WardenException("The copy was ended by the container's stop", e);
        }
    }

    private static string ResolverConfiguration(BackendSettings settings, IPAddress hostAddress)
    {
        // The emulated host resolves on loopback alone, which a container cannot reach: it gets the host's address instead.
        IEnumerable<string> servers = settings.DnsServers.Count > 0 ? settings.DnsServers : [hostAddress.ToString()];
        return string.Concat(servers.Select(server => $"nameserver {server}\n"));
    }
}
