using System.Globalization;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.V1;

/// <summary><c>limit H mem|disk|cpu [VALUE]</c> and <c>limit H bandwidth [RATE BURST]</c>.</summary>
internal static class V1Limit
{
    private const ulong BlockSize = 1024;

    internal static V1Call Parse(V1Arguments arguments)
    {
        ByteString handle = arguments.Handle();
        return arguments.Word("mem, disk, cpu or bandwidth") switch
        {
            "mem" => Memory(handle, arguments),
            "disk" => Disk(handle, arguments),
            "cpu" => Cpu(handle, arguments),
            "bandwidth" => Bandwidth(handle, arguments),
            _ => throw arguments.Usage(),
        };
    }

    private static V1Call Memory(ByteString handle, V1Arguments arguments)
    {
        LimitMemoryRequest request = new() { Handle = handle };
        if (arguments.More)
        {
            request.LimitInBytes = arguments.Number("VALUE");
        }

        return V1Commands.Call(
            arguments.End(request),
            static response => ((LimitMemoryResponse)response) is { HasLimitInBytes: true } limit ? limit.LimitInBytes : null);
    }

    private static V1Call Disk(ByteString handle, V1Arguments arguments)
    {
        LimitDiskRequest request = new() { Handle = handle };
        if (arguments.More)
        {
            request.Byte = arguments.Number("VALUE");
        }

        return V1Commands.Call(arguments.End(request), static response => Bytes((LimitDiskResponse)response));
    }

    private static V1Call Cpu(ByteString handle, V1Arguments arguments)
    {
        LimitCpuRequest request = new() { Handle = handle };
        if (arguments.More)
        {
            request.LimitInShares = arguments.Number("SHARES");
        }

        return V1Commands.Call(
            arguments.End(request),
            static response => ((LimitCpuResponse)response) is { HasLimitInShares: true } limit ? limit.LimitInShares : null);
    }

    private static V1Call Bandwidth(ByteString handle, V1Arguments arguments)
    {
        LimitBandwidthRequest request = new() { Handle = handle };
        if (arguments.More)
        {
            request.Rate = arguments.Number("RATE");
            request.Burst = arguments.Number("BURST");
        }

        return V1Commands.Call(
            arguments.End(request),
            static response => response is LimitBandwidthResponse limit
                ? string.Create(CultureInfo.InvariantCulture, $"rate: {limit.Rate} burst: {limit.Burst}")
                : null);
    }

    // Servers fill in several of the names for the one hard limit, or none where disk quotas are switched off.
    private static ulong? Bytes(LimitDiskResponse limit)
    {
        if (limit.HasByteHard)
        {
            return limit.ByteHard;
        }

        if (limit.HasByte)
        {
            return limit.Byte;
        }

        if (limit.HasByteLimit)
        {
            return limit.ByteLimit;
        }

        return limit.HasBlockHard ? limit.BlockHard * BlockSize : null;
    }
}
