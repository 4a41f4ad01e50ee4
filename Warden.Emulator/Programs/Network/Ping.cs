using System.Globalization;
using System.Net;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>ping(8) of iputils. Status 0 with an answer, 1 without, 2 after a failure of its own.</summary>
internal sealed class Ping : EmulatedProgram
{
    private const int Headers = 28;
    private const int TimestampSize = 16;

    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/ping", "/usr/bin/ping4"];

    public override async ValueTask<int> RunAsync(Process process)
    {
        var c = new Invocation(process, "ping");
        try
        {
            return await c.EndAsync(await MainAsync(c));
        }
        catch (ProgramExit exit)
        {
            return await c.EndAsync(exit.Status);
        }
    }

    private static async ValueTask<int> MainAsync(Invocation c)
    {
        var process = c.Process;
        var options = Options.Parse(c);
        var isAddress = NetworkStack.TryParseAddress(options.Destination, out var address);
        if (!isAddress)
        {
            address = process.Container.Network.Resolve(process, options.Destination)
                ?? throw c.Die($"{options.Destination}: Temporary failure in name resolution", 2);
        }
        process.SetSignalAction(Signal.INT, SignalAction.Handle);
        c.WriteLine($"PING {options.Destination} ({address}) {options.Size}({options.Size + Headers}) bytes of data.");
        await c.FlushAsync();

        var label = isAddress ? address.ToString() : $"{(options.Numeric ? null : HostsFile.NameOf(process, address)) ?? options.Destination} ({address})";
        if (!isAddress && options.Numeric)
        {
            label = address.ToString();
        }
        var tally = new Tally();
        var start = process.Clock.GetTimestamp();
        var deadline = options.Deadline;
        while (options.Count is null || tally.Answered < options.Count)
        {
            var sent = process.Clock.GetTimestamp();
            tally.Sent++;
            tally.Elapsed = process.Clock.GetElapsedTime(tally.First ??= sent, sent);
            await SendAsync(c, options, address, label, tally, Remaining());
            if ((options.Count is { } count && (tally.Answered >= count || (deadline is null && tally.Sent >= count))) || Remaining() <= TimeSpan.Zero)
            {
                break;
            }
            var pause = options.Interval - process.Clock.GetElapsedTime(sent);
            if (pause > Remaining())
            {
                pause = Remaining();
            }
            if ((pause > TimeSpan.Zero && !await process.SleepAsync(pause, true)) || process.TryTakeSignal(out _) || Remaining() <= TimeSpan.Zero)
            {
                break;
            }
        }
        tally.Print(c, options);
        return tally.Received > 0 && (deadline is null || options.Count is null || tally.Received >= options.Count) ? 0 : 1;

        TimeSpan Remaining() => deadline is { } limit ? limit - process.Clock.GetElapsedTime(start) : TimeSpan.MaxValue;
    }

    private static async ValueTask SendAsync(Invocation c, Options options, IPAddress address, string label, Tally tally, TimeSpan remaining)
    {
        var process = c.Process;
        var network = process.Container.Network;
        try
        {
            var wait = options.Wait < remaining ? options.Wait : remaining;
            var time = await network.PingAsync(process, address, options.Size, wait);
            tally.Received++;
            if (options.Size >= TimestampSize)
            {
                tally.Times.Add(time.TotalMilliseconds);
            }
            if (!options.Quiet)
            {
                var far = IPAddress.IsLoopback(address) || address.Equals(network.Gateway) || address.Equals(network.Address);
                var took = options.Size >= TimestampSize ? $" time={Milliseconds(time.TotalMilliseconds)} ms" : "";
                c.WriteLine($"{options.Size + 8} bytes from {label}: icmp_seq={tally.Sent} ttl={(far ? 64 : 63)}{took}");
            }
        }
        catch (ErrnoException failure) when (failure.Errno is Errno.EACCES or Errno.EHOSTUNREACH)
        {
            tally.Errors++;
            if (!options.Quiet)
            {
                var what = failure.Errno == Errno.EACCES ? "Destination Port Unreachable" : "Destination Host Unreachable";
                c.WriteLine($"From {network.Gateway ?? network.Address} icmp_seq={tally.Sent} {what}");
            }
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.ETIMEDOUT)
        {
            // A lost packet is counted at the end alone.
        }
        await c.FlushAsync();
    }

    private static string Milliseconds(double time) => time switch
    {
        >= 100 => time.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => time.ToString("F1", CultureInfo.InvariantCulture),
        >= 1 => time.ToString("F2", CultureInfo.InvariantCulture),
        _ => time.ToString("F3", CultureInfo.InvariantCulture),
    };

    private sealed class Tally
    {
        public int Sent { get; set; }

        public int Received { get; set; }

        public int Errors { get; set; }

        public long? First { get; set; }

        public TimeSpan Elapsed { get; set; }

        public List<double> Times { get; } = [];

        public int Answered => Received + Errors;

        public void Print(Invocation c, Options options)
        {
            var errors = Errors > 0 ? $", +{Errors} errors" : "";
            var loss = (100.0 * (Sent - Received) / Sent).ToString("G6", CultureInfo.InvariantCulture);
            c.WriteLine("");
            c.WriteLine($"--- {options.Destination} ping statistics ---");
            c.WriteLine($"{Sent} packets transmitted, {Received} received{errors}, {loss}% packet loss, time {(long)Elapsed.TotalMilliseconds}ms");
            if (Times.Count == 0)
            {
                c.WriteLine("");
                return;
            }
            var average = Times.Average();
            var deviation = Math.Sqrt(Math.Max(0, Times.Average(time => time * time) - (average * average)));
            c.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"rtt min/avg/max/mdev = {Times.Min():F3}/{average:F3}/{Times.Max():F3}/{deviation:F3} ms"));
        }
    }

    private sealed record Options(string Destination, long? Count, TimeSpan Interval, TimeSpan Wait, TimeSpan? Deadline, int Size, bool Quiet, bool Numeric)
    {
        public static Options Parse(Invocation c)
        {
            var set = c.Options("aAbBc:CdDe:fF:hi:I:l:Lm:M:nN:Op:qQ:rRs:S:t:T:UvVw:W:46");
            if (set.Has("h"))
            {
                throw c.Usage(null, 2);
            }
            if (set.Has("V"))
            {
                c.WriteLine("ping from iputils 20221126");
                throw new ProgramExit(0);
            }
            if (set.Operands.Count == 0)
            {
                throw c.Die("usage error: Destination address required", 1);
            }
            var interval = Seconds(c, set, "i") ?? (set.Has("f") ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
            if (interval < TimeSpan.FromMilliseconds(2) && c.Process.UserId != 0)
            {
                throw c.Die("cannot flood; minimal interval allowed for user is 2ms, use -i 0.002 (or higher)", 2);
            }
            var wait = Seconds(c, set, "W") is { Ticks: > 0 } given ? given : TimeSpan.FromSeconds(10);
            return new Options(
                set.Operands[^1], Number(c, set, "c", 1, long.MaxValue), interval, wait,
                Number(c, set, "w", 0, int.MaxValue) is { } deadline and > 0 ? TimeSpan.FromSeconds(deadline) : null,
                (int)(Number(c, set, "s", 0, 127992) ?? 56), set.Has("q"), set.Has("n"));
        }

        private static long? Number(Invocation c, OptionSet set, string key, long least, long most)
        {
            if (set.Last(key) is not { } text)
            {
                return null;
            }
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                throw c.Die($"invalid argument: '{text}'", 1);
            }
            return value >= least && value <= most ? value : throw c.Die($"invalid argument: '{text}': out of range: {least} <= value <= {most}", 1);
        }

        private static TimeSpan? Seconds(Invocation c, OptionSet set, string key)
        {
            if (set.Last(key) is not { } text)
            {
                return null;
            }
            return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= int.MaxValue
                ? TimeSpan.FromSeconds(value)
                : throw c.Die(key == "W" ? $"bad linger time: {text}" : $"bad timing interval: {text}", 1);
        }
    }
}
