using Warden.Bench;
using Warden.Bench.Kernel;

// usage: warden-bench EMULATOR     measure a published warden-emulator and print the tables
//        warden-bench echo SOCKET  the bare echo server that pings are compared with
//        warden-bench linux WARDEN WORK ROOTFS CGROUP [MEASURE]…  measure a published warden, all or some, as ci/bench/linux starts it
if (args is ["echo", var path])
{
    await EchoServer.RunAsync(path).ConfigureAwait(false);
    return 0;
}

if (args is ["linux", var warden, var work, var rootfs, var cgroup, .. var measures])
{
    await LinuxBench.RunAsync(new Places(warden, work, rootfs, cgroup), measures).ConfigureAwait(false);
    return 0;
}

if (args is not [var emulator])
{
    await Console.Error.WriteLineAsync("usage: warden-bench EMULATOR").ConfigureAwait(false);
    return 2;
}

var table = new ResultTable();
await RoundTrips.MeasureAsync(emulator, table).ConfigureAwait(false);
await Containers.MeasureAsync(emulator, table).ConfigureAwait(false);
await Streams.MeasureAsync(emulator, table).ConfigureAwait(false);
await Startup.MeasureAsync(emulator, table).ConfigureAwait(false);
table.Print(Console.Out);
return 0;
