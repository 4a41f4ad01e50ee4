using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.ExceptionServices;
using Warden.ConformanceTests.Support;
using Warden.Emulator;
using Warden.Emulator.Machine;
using Warden.Spec.Client;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.InProcess;

/// <summary>What the emulated machine offers to programs that a test brings along.</summary>
public sealed class MachineTests
{
    [Fact]
    [Clause("WRD-INPROC-009")]
    public async Task AStoppedProcessWritesNothing()
    {
        await using var warden = await WardenEmulator.StartAsync();
        var written = 0L;
        warden.Programs.Add("writer", async process =>
        {
            while (true)
            {
                await process.WriteAsync(1, "x");
                Interlocked.Increment(ref written);
            }
        });
        var handle = await warden.Client.CreateAsync();
        var started = await warden.Client.RunAsync(handle, "writer > /dev/null 2>&1 & echo $!");
        var writer = started.Stdout.ToStringUtf8().Trim();
        await GoesOnAsync();
        await warden.Client.RunAsync(handle, $"kill -STOP {writer}");
        var (before, rests) = (-1L, 0);
        await Deadline.UntilAsync("the writer rests", async () =>
        {
            // A writer that has only lost its turn for a while does not rest so often in a row.
            await warden.Client.RunAsync(handle, "for i in 1 2 3 4 5 6 7 8 9; do true | cat; done");
            var now = Interlocked.Read(ref written);
            rests = now == before ? rests + 1 : 0;
            before = now;
            return rests == 10;
        });
        await warden.Client.RunAsync(handle, $"kill -CONT {writer}");
        await GoesOnAsync();

        Task GoesOnAsync()
        {
            var from = Interlocked.Read(ref written);
            return Deadline.UntilAsync("the writer goes on", () => Task.FromResult(Interlocked.Read(ref written) > from));
        }
    }

    [Fact]
    [Clause("WRD-INPROC-010")]
    public Task AnEndedProcessSaysSo() => InAsync(async process =>
    {
        var early = process.Fork(_ => ValueTask.FromResult(3));
        await process.WaitAsync(early.Id);
        await process.WaitAsync(process.Fork(_ => ValueTask.FromResult(0)).Id);

        Assert.Equal(new ExitStatus(3, Signalled: false), await Deadline.WithinAsync("the process has ended", early.Exited));
    });

    [Fact]
    [Clause("WRD-INPROC-011")]
    public Task EveryEphemeralPortIsUsed() => InAsync(process =>
    {
        var network = process.Container.Network;
        var ports = Enumerable.Range(0, 60999 - 32768 + 1).Select(_ => network.TakePort(null)).ToArray();

        Assert.Equal(Enumerable.Range(32768, ports.Length), ports.Order());
        foreach (var port in (int[])[ports[^1], ports[0], ports[1000]])
        {
            network.ReleasePort(port);
            Assert.Equal(port, network.TakePort(null));
        }

        Assert.Equal(Errno.EADDRNOTAVAIL, Fails(() => network.TakePort(null)));
        return default;
    });

    [Fact]
    [Clause("WRD-INPROC-012")]
    public Task UnreadDatagramsAreBounded() => InAsync(async process =>
    {
        const int Length = 1000;
        const int Bound = 212992;
        var network = process.Container.Network;
        var receiver = network.Bind(process, new IPEndPoint(IPAddress.Loopback, 7000));
        var sender = network.Bind(process, new IPEndPoint(IPAddress.Loopback, 0));
        for (var sent = 0; sent < 2 * Bound / Length; sent++)
        {
            await sender.SendAsync(process, new byte[Length], receiver.LocalEndPoint);
        }

        for (var kept = 0; kept < Bound / Length; kept++)
        {
            Assert.Equal(Length, (await receiver.ReceiveAsync(process, Deadline.Default)).Data.Length);
        }

        var none = await Assert.ThrowsAsync<ErrnoException>(async () => await receiver.ReceiveAsync(process, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(Errno.ETIMEDOUT, none.Errno);
    });

    [Fact]
    [Clause("WRD-INPROC-013")]
    public async Task ALimitOfBandwidthDelaysPingsToOthers()
    {
        await using var warden = await WardenEmulator.StartAsync();
        var handle = await warden.Client.CreateAsync();
        var other = (await warden.Client.InfoAsync(await warden.Client.CreateAsync())).ContainerIp;
        await warden.Client.NetOutAsync(new NetOutRequest
        {
            Handle = Google.Protobuf.ByteString.CopyFromUtf8(handle),
            Network = other,
            Protocol = NetOutRequest.Types.Protocol.Icmp,
        });
        Assert.Equal(0U, (await warden.Client.RunAsync(handle, $"ping -c 1 -W 20 {other}")).ExitStatus);
        await warden.Client.LimitBandwidthAsync(handle, 1, 1);

        Assert.Equal(1U, (await warden.Client.RunAsync(handle, $"ping -c 1 -W 1 {other}")).ExitStatus);
        Assert.Equal(0U, (await warden.Client.RunAsync(handle, "ping -c 1 -W 20 127.0.0.1")).ExitStatus);
    }

    [Fact]
    [Clause("WRD-INPROC-014")]
    public async Task TheQuotaFollowsTheOwner()
    {
        await using var warden = await WardenEmulator.StartAsync();
        var handle = await warden.Client.CreateAsync();
        var empty = await UsedAsync();
        await warden.Client.RunAsync(handle, "mkdir /tmp/d; head -c 10000 /dev/zero > /tmp/d/f");
        var full = await UsedAsync();
        Assert.Equal((empty.Inodes + 2, true), (full.Inodes, full.Bytes >= empty.Bytes + 10000));
        await warden.Client.RunAsync(handle, "chown -R root /tmp/d", new JobOptions { Privileged = true });
        Assert.Equal(empty, await UsedAsync());
        await warden.Client.RunAsync(handle, "chown -R vcap /tmp/d", new JobOptions { Privileged = true });
        Assert.Equal(full, await UsedAsync());
        await warden.Client.RunAsync(handle, "rm -r /tmp/d");
        Assert.Equal(empty, await UsedAsync());

        async Task<(ulong Inodes, ulong Bytes)> UsedAsync()
        {
            var disk = (await warden.Client.InfoAsync(handle)).DiskStat;
            return (disk.InodesUsed, disk.BytesUsed);
        }
    }

    [Fact]
    [Clause("WRD-INPROC-015")]
    public async Task TheMetersOfAServerEndWithIt()
    {
        // Other tests have servers too: those that begin within this one are known by what flows with its calls.
        var own = new AsyncLocal<bool>();
        var (begun, ended) = (new List<string>(), new List<string>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (own.Value && instrument.Meter.Name == "Warden")
            {
                begun.Add(instrument.Name);
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.MeasurementsCompleted = (instrument, _) => ended.Add(instrument.Name);
        listener.Start();
        own.Value = true;
        await using (await WardenEmulator.StartAsync())
        {
            Assert.NotEmpty(begun);
            Assert.Empty(ended);
        }

        Assert.Equal(begun.Order(), ended.Order());
    }

    [Fact]
    [Clause("WRD-INPROC-016")]
    public Task ProcessGroupsAreSet() => InAsync(process =>
    {
        Assert.NotEqual(process.Id, process.GroupId);
        var child = process.Fork(async self => await self.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
        Assert.Equal(process.GroupId, child.GroupId);
        try
        {
            SetAll(process, child);
        }
        finally
        {
            // The job ends with the last that holds its output.
            process.Kill(child.Id, Signal.KILL);
        }

        return default;
    });

    private static void SetAll(Process process, Process child)
    {
        process.SetProcessGroup(child.Id, 0);
        Assert.Equal(child.Id, child.GroupId);
        process.SetProcessGroup(0, child.Id);
        Assert.Equal(child.Id, process.GroupId);
        process.SetProcessGroup(0, 0);
        Assert.Equal(process.Id, process.GroupId);
        Assert.Equal(Errno.EPERM, Fails(() => process.NewSession()));
        Assert.Equal(Errno.EPERM, Fails(() => process.SetProcessGroup(0, 30000)));
        Assert.Equal(Errno.EINVAL, Fails(() => process.SetProcessGroup(0, -1)));
        Assert.Equal(Errno.ESRCH, Fails(() => process.SetProcessGroup(30000, 0)));
        Assert.Equal(Errno.ESRCH, Fails(() => process.SetProcessGroup(1, 0)));
    }

    [Fact]
    [Clause("WRD-INPROC-017")]
    public Task AProgramMayCallItselfDeeply() => InAsync(async process =>
    {
        const int Depth = 2000;
        Assert.Equal(Depth, await DeeperAsync(0));

        // Each level holds so much of the stack that no thread has enough for all of them.
        ValueTask<int> Deeper(int depth)
        {
            Span<byte> ballast = stackalloc byte[16 * 1024];
            ballast.Fill(1);
            return DeeperAsync(depth + ballast[^1]);
        }

        async ValueTask<int> DeeperAsync(int depth)
        {
            await process.CheckpointAsync();
            return depth == Depth ? depth : await Deeper(depth);
        }
    });

    private static Errno Fails(Action call) => Assert.Throws<ErrnoException>(call).Errno;

    /// <summary>Runs the code as a program of vcap in a container of its own.</summary>
    private static async Task InAsync(Func<Process, ValueTask> body)
    {
        await using var warden = await WardenEmulator.StartAsync();
        ExceptionDispatchInfo? failure = null;
        warden.Programs.Add("probe", async process =>
        {
            try
            {
                await body(process);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            return 0;
        });
        var result = await warden.Client.RunAsync(await warden.Client.CreateAsync(), "probe; exit $?");
        failure?.Throw();
        Assert.Equal(0U, result.ExitStatus);
    }
}
