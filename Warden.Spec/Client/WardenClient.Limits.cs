using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <content>The commands that set and read limits.</content>
public sealed partial class WardenClient
{
    /// <summary>Sets or reads the limit of memory.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="bytes">The limit in bytes; null reads it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The limit in bytes.</returns>
    public async Task<ulong> LimitMemoryAsync(string handle, ulong? bytes = null, CancellationToken cancellationToken = default)
    {
        LimitMemoryRequest request = new() { Handle = Text(handle) };
        if (bytes is { } limit)
        {
            request.LimitInBytes = limit;
        }

        return (await CallAsync<LimitMemoryRequest, LimitMemoryResponse>(request, cancellationToken).ConfigureAwait(false)).LimitInBytes;
    }

    /// <summary>Sets or, with neither value, reads the limits of disk space and inodes.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="bytes">The limit of space in bytes, which the server rounds up to 1024; 0 means none.</param>
    /// <param name="inodes">The limit of files, directories and links; 0 means none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>All limits; without fields where the server has disk quotas switched off.</returns>
    public Task<LimitDiskResponse> LimitDiskAsync(
        string handle,
        ulong? bytes = null,
        ulong? inodes = null,
        CancellationToken cancellationToken = default)
    {
        LimitDiskRequest request = new() { Handle = Text(handle) };
        if (bytes is { } space)
        {
            request.ByteLimit = space;
        }

        if (inodes is { } count)
        {
            request.InodeLimit = count;
        }

        return LimitDiskAsync(request, cancellationToken);
    }

    /// <summary>Sets or reads the limits of disk space and inodes, with every choice of the protocol.</summary>
    public Task<LimitDiskResponse> LimitDiskAsync(LimitDiskRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<LimitDiskRequest, LimitDiskResponse>(request, cancellationToken);

    /// <summary>Reads the limit of bandwidth.</summary>
    public Task<LimitBandwidthResponse> LimitBandwidthAsync(string handle, CancellationToken cancellationToken = default) =>
        CallAsync<LimitBandwidthRequest, LimitBandwidthResponse>(
            new LimitBandwidthRequest { Handle = Text(handle) },
            cancellationToken);

    /// <summary>Sets the limit of bandwidth in both directions.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="rate">Bytes a second, at least 1.</param>
    /// <param name="burst">Bytes, at least 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<LimitBandwidthResponse> LimitBandwidthAsync(
        string handle,
        ulong rate,
        ulong burst,
        CancellationToken cancellationToken = default) =>
        CallAsync<LimitBandwidthRequest, LimitBandwidthResponse>(
            new LimitBandwidthRequest { Handle = Text(handle), Rate = rate, Burst = burst },
            cancellationToken);

    /// <summary>Sets or reads the relative share of CPU time.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="shares">2 to 262144, to which the server clamps it; null reads it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The share.</returns>
    public async Task<ulong> LimitCpuAsync(string handle, ulong? shares = null, CancellationToken cancellationToken = default)
    {
        LimitCpuRequest request = new() { Handle = Text(handle) };
        if (shares is { } share)
        {
            request.LimitInShares = share;
        }

        return (await CallAsync<LimitCpuRequest, LimitCpuResponse>(request, cancellationToken).ConfigureAwait(false)).LimitInShares;
    }
}
