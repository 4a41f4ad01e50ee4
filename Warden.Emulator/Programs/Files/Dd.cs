using System.Globalization;
using System.Numerics;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Dd() : GnuProgram("dd")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = DdOptions.Parse(c);
        var (input, output) = (0, 1);
        try
        {
            if (o.Input is not null)
            {
                input = await c.Process.OpenAsync(o.Input, OpenFlags.Read);
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"failed to open {Quote.Always(o.Input!)}: {failure.Message}");
        }
        try
        {
            if (o.Output is not null)
            {
                var truncates = !o.NoTruncate && o.Seek == 0 && !o.Append;
                output = await c.Process.OpenAsync(
                    o.Output,
                    OpenFlags.Write | (o.NoCreate ? 0 : OpenFlags.Create) | (o.Exclusive ? OpenFlags.Exclusive : 0) | (truncates ? OpenFlags.Truncate : 0)
                        | (o.Append ? OpenFlags.Append : 0));
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"failed to open {Quote.Always(o.Output!)}: {failure.Message}");
        }
        return await new DdCopy(c, o, input, output).RunAsync();
    }
}

/// <summary>The operands of dd.</summary>
internal sealed class DdOptions
{
    public string? Input { get; private set; }

    public string? Output { get; private set; }

    public long InputBlock { get; private set; } = 512;

    public long OutputBlock { get; private set; } = 512;

    /// <summary>Whether bs= was given: blocks are then written as they are read.</summary>
    public bool Direct { get; private set; }

    public long? Count { get; private set; }

    public bool CountBytes { get; private set; }

    /// <summary>Bytes to pass over in the input.</summary>
    public long Skip { get; private set; }

    /// <summary>Bytes to pass over in the output.</summary>
    public long Seek { get; private set; }

    public bool NoTruncate { get; private set; }

    public bool NoCreate { get; private set; }

    public bool Exclusive { get; private set; }

    public bool Append { get; private set; }

    public bool FullBlocks { get; private set; }

    public bool GoOnAfterErrors { get; private set; }

    public bool Pad { get; private set; }

    public bool UpperCase { get; private set; }

    public bool LowerCase { get; private set; }

    public bool SwapBytes { get; private set; }

    public bool Quiet { get; private set; }

    public bool NoTransferLine { get; private set; }

    public static DdOptions Parse(Invocation c)
    {
        var o = new DdOptions();
        var (skip, seek) = (BigInteger.Zero, BigInteger.Zero);
        var (skipBytes, seekBytes) = (false, false);
        foreach (var argument in c.Arguments)
        {
            if (argument is "--help")
            {
                throw c.Help();
            }
            if (argument is "--version")
            {
                throw c.ShowVersion();
            }
            if (argument == "--")
            {
                continue;
            }
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (argument, "") : (argument[..equals], argument[(equals + 1)..]);
            if (equals < 0)
            {
                throw c.Usage($"unrecognized operand {Quote.Locale(argument)}");
            }
            switch (key)
            {
                case "if":
                    o.Input = value;
                    break;
                case "of":
                    o.Output = value;
                    break;
                case "bs":
                    o.InputBlock = o.OutputBlock = Block(c, value);
                    o.Direct = true;
                    break;
                case "ibs":
                    o.InputBlock = Block(c, value);
                    break;
                case "obs":
                    o.OutputBlock = Block(c, value);
                    break;
                case "cbs":
                    Block(c, value);
                    break;
                case "count":
                    o.CountBytes |= value.EndsWith('B');
                    o.Count = (long)Number(c, value);
                    break;
                case "skip" or "iseek":
                    skipBytes |= value.EndsWith('B');
                    skip = Number(c, value);
                    break;
                case "seek" or "oseek":
                    seekBytes |= value.EndsWith('B');
                    seek = Number(c, value);
                    break;
                case "conv":
                    o.Conversions(c, value);
                    break;
                case "iflag" or "oflag":
                    foreach (var flag in value.Split(','))
                    {
                        o.FullBlocks |= flag == "fullblock";
                        o.CountBytes |= flag == "count_bytes";
                        skipBytes |= flag == "skip_bytes";
                        seekBytes |= flag == "seek_bytes";
                        o.Append |= flag == "append" && key == "oflag";
                        if (flag is not ("fullblock" or "count_bytes" or "skip_bytes" or "seek_bytes" or "append" or "direct" or "directory" or "dsync"
                            or "sync" or "nonblock" or "noatime" or "nocache" or "noctty" or "nofollow"))
                        {
                            throw c.Usage($"invalid {(key == "iflag" ? "input" : "output")} flag: {Quote.Locale(flag)}");
                        }
                    }
                    break;
                case "status":
                    o.Quiet = value == "none";
                    o.NoTransferLine = value == "noxfer";
                    if (value is not ("none" or "noxfer" or "progress"))
                    {
                        throw c.Usage($"invalid status level: {Quote.Locale(value)}");
                    }
                    break;
                default:
                    throw c.Usage($"unrecognized operand {Quote.Locale(argument)}");
            }
        }
        o.Skip = (long)BigInteger.Min(long.MaxValue, skipBytes ? skip : skip * o.InputBlock);
        o.Seek = (long)BigInteger.Min(long.MaxValue, seekBytes ? seek : seek * o.OutputBlock);
        return o;
    }

    private void Conversions(Invocation c, string value)
    {
        foreach (var conversion in value.Split(','))
        {
            switch (conversion)
            {
                case "notrunc": NoTruncate = true; break;
                case "nocreat": NoCreate = true; break;
                case "excl": Exclusive = true; break;
                case "noerror": GoOnAfterErrors = true; break;
                case "sync": Pad = true; break;
                case "ucase": UpperCase = true; break;
                case "lcase": LowerCase = true; break;
                case "swab": SwapBytes = true; break;
                case "fsync" or "fdatasync" or "sparse": break;
                default: throw c.Usage($"invalid conversion: {Quote.Locale(conversion)}");
            }
        }
    }

    private static long Block(Invocation c, string text)
    {
        var size = Number(c, text);
        return size > 0 && size <= int.MaxValue ? (long)size : throw c.Die($"invalid number: {Quote.Locale(text)}");
    }

    // Numbers may be products: 2x1024, 4xk.
    private static BigInteger Number(Invocation c, string text)
    {
        var product = BigInteger.One;
        foreach (var factor in text.Split('x'))
        {
            var plain = factor.EndsWith('B') && factor.Length > 1 && char.IsAsciiDigit(factor[^2]) ? factor[..^1] : factor;
            product *= Sizes.TryParse(plain, out var size) ? size : throw c.Die($"invalid number: {Quote.Locale(text)}");
        }
        return BigInteger.Min(product, long.MaxValue);
    }
}

/// <summary>The copying of dd, and its summary.</summary>
internal sealed class DdCopy(Invocation c, DdOptions o, int input, int output)
{
    private readonly byte[] _block = new byte[o.InputBlock];
    private readonly ByteWriter _pending = new();
    private long _fullIn;
    private long _partIn;
    private long _fullOut;
    private long _partOut;
    private long _bytes;

    public async ValueTask<int> RunAsync()
    {
        // A block is memory of the process for as long as it runs.
        c.Process.Allocate(_block.Length);
        var started = c.Process.Clock.GetTimestamp();
        var status = 0;
        try
        {
            await SkipInputAsync();
            SeekOutput();
            await LoopAsync();
        }
        catch (ProgramExit exit)
        {
            status = exit.Status;
        }
        if (!o.Quiet)
        {
            Summary(c.Process.Clock.GetElapsedTime(started));
        }
        return Math.Max(status, c.Status);
    }

    private async ValueTask LoopAsync()
    {
        var left = o.Count ?? long.MaxValue;
        while (left > 0)
        {
            var wanted = o.CountBytes ? (int)Math.Min(left, _block.Length) : _block.Length;
            var count = await ReadAsync(wanted);
            if (count == 0)
            {
                break;
            }
            left -= o.CountBytes ? count : 1;
            if (count == _block.Length)
            {
                _fullIn++;
            }
            else
            {
                _partIn++;
                if (o.Pad)
                {
                    _block.AsSpan(count).Clear();
                    count = _block.Length;
                }
            }
            Convert(_block.AsSpan(0, count));
            if (o.Direct || o.InputBlock == o.OutputBlock)
            {
                await WriteAsync(_block.AsMemory(0, count));
            }
            else
            {
                _pending.Write(_block.AsSpan(0, count));
                if (_pending.Length >= o.OutputBlock)
                {
                    await FlushAsync(all: false);
                }
            }
            await c.Process.CheckpointAsync();
        }
        await FlushAsync(all: true);
    }

    private async ValueTask<int> ReadAsync(int wanted)
    {
        var count = 0;
        do
        {
            int step;
            try
            {
                step = await c.Process.ReadAsync(input, _block.AsMemory(count, wanted - count));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error reading {Quote.Always(o.Input ?? "standard input")}: {failure.Message}");
                await c.FlushMessagesAsync();
                return count;
            }
            if (step == 0)
            {
                break;
            }
            count += step;
        }
        while (o.FullBlocks && count < wanted);
        return count;
    }

    private async ValueTask FlushAsync(bool all)
    {
        var data = _pending.Take();
        var whole = data.Length / (int)o.OutputBlock * (int)o.OutputBlock;
        for (var at = 0; at < whole; at += (int)o.OutputBlock)
        {
            await WriteAsync(data.Slice(at, (int)o.OutputBlock));
        }
        if (data.Length > whole)
        {
            if (all)
            {
                await WriteAsync(data[whole..]);
            }
            else
            {
                var rest = data[whole..].ToArray();
                _pending.Write(rest);
            }
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        try
        {
            await c.Process.WriteAsync(output, data);
        }
        catch (ErrnoException failure)
        {
            CountWritten(data.Length);
            throw c.Die($"error writing {Quote.Always(o.Output ?? "standard output")}: {failure.Message}");
        }
        _bytes += data.Length;
        if (data.Length == o.OutputBlock)
        {
            _fullOut++;
        }
        else
        {
            _partOut++;
        }
    }

    // A write over a quota or a limit may have written a part: the file's end tells how much.
    private void CountWritten(int attempted)
    {
        if (c.Process.TryGetFile(output, out var file) && file.Status.Kind == FileKind.Regular)
        {
            var written = Math.Clamp(file.Status.Size - o.Seek - _bytes, 0, attempted - 1);
            _bytes += written;
            _partOut += written > 0 ? 1 : 0;
        }
    }

    private async ValueTask SkipInputAsync()
    {
        if (o.Skip == 0)
        {
            return;
        }
        var file = c.Process.GetFile(input);
        var name = o.Input ?? "standard input";
        try
        {
            var before = file.Seek(0, SeekOrigin.Current);
            if (file.Status.Kind == FileKind.Regular && before + o.Skip > file.Status.Size)
            {
                c.Warn($"{Quote.Always(name)}: cannot skip to specified offset");
            }
            file.Seek(o.Skip, SeekOrigin.Current);
        }
        catch (ErrnoException)
        {
            for (var left = o.Skip; left > 0;)
            {
                var count = await c.Process.ReadAsync(input, _block.AsMemory(0, (int)Math.Min(left, _block.Length)));
                if (count == 0)
                {
                    c.Warn($"{Quote.Always(name)}: cannot skip to specified offset");
                    return;
                }
                left -= count;
            }
        }
    }

    private void SeekOutput()
    {
        if (o.Seek == 0)
        {
            return;
        }
        var name = o.Output ?? "standard output";
        try
        {
            var file = c.Process.GetFile(output);
            file.Seek(o.Seek, SeekOrigin.Current);
            if (!o.NoTruncate && o.Output is not null && file.Status.Kind == FileKind.Regular)
            {
                file.Truncate(c.Process, o.Seek);
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die(failure.Errno == Errno.ESPIPE
                ? $"{Quote.Always(name)}: cannot seek: {failure.Message}"
                : $"failed to truncate to {o.Seek} bytes in output file {Quote.Always(name)}: {failure.Message}");
        }
    }

    private void Convert(Span<byte> data)
    {
        if (o.SwapBytes)
        {
            for (var i = 0; i + 1 < data.Length; i += 2)
            {
                (data[i], data[i + 1]) = (data[i + 1], data[i]);
            }
        }
        if (o.UpperCase || o.LowerCase)
        {
            foreach (ref var b in data)
            {
                b = (byte)(o.UpperCase ? char.ToUpperInvariant((char)(b & 0x7F)) | (b & 0x80) : char.ToLowerInvariant((char)(b & 0x7F)) | (b & 0x80));
            }
        }
    }

    private void Summary(TimeSpan elapsed)
    {
        c.WarnRaw($"{_fullIn}+{_partIn} records in\n{_fullOut}+{_partOut} records out\n");
        if (o.NoTransferLine)
        {
            return;
        }
        var seconds = Math.Max(elapsed.TotalSeconds, 1e-9);
        var si = Amount(_bytes, 1000, "B");
        var binary = Amount(_bytes, 1024, "iB");
        var sizes = _bytes < 1000 ? "" : _bytes < 1024 ? $" ({si})" : $" ({si}, {binary})";
        var rate = Amount(_bytes / seconds, 1000, "B");
        var time = new PrintfSpec(false, false, false, false, false, 0, 6, 'g').Real(seconds);
        c.WarnRaw($"{_bytes} {(_bytes == 1 ? "byte" : "bytes")}{sizes} copied, {time} s, {rate}/s\n");
    }

    private static string Amount(double bytes, int step, string unit)
    {
        const string Powers = "kMGTPE";
        var power = -1;
        while (bytes >= step && power < Powers.Length - 1)
        {
            bytes /= step;
            power++;
        }
        if (power < 0)
        {
            // Bytes alone are shown as a part of the first unit: "0.0 kB/s".
            return step == 1000 ? (bytes / 1000).ToString("0.0", CultureInfo.InvariantCulture) + " kB" : bytes.ToString("0", CultureInfo.InvariantCulture) + " B";
        }
        var letter = Powers[power];
        var text = bytes < 10 ? bytes.ToString("0.0", CultureInfo.InvariantCulture) : bytes.ToString("0", CultureInfo.InvariantCulture);
        return text + " " + (step == 1024 ? char.ToUpperInvariant(letter) : letter) + unit;
    }
}
