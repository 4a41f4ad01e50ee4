using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Limits by the quota of the container's unprivileged user on the depot's file system (quotactl(2)), whatever that is: ext4, XFS or another
/// that has user quotas. What the user's files take is counted, wherever on that file system they are; root's are not.
/// </summary>
/// <remarks>
/// A user's limits stay in the file system without a server, and a user goes from one container to the next. So who has which user is kept
/// beside the container, and the user is given back without limits; and what the file system holds of the user already when a container
/// begins, which its files are not, is neither counted nor limited.
/// </remarks>
internal sealed class UserQuota : IDiskQuota
{
    private readonly SafeFileHandle _depot;
    private readonly string _path;
    private readonly UserLimits _limits;
    private readonly ConcurrentDictionary<string, QuotaRecord> _records = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<uint, string> _holders = new();

    private UserQuota(SafeFileHandle depot, string path, UserLimits limits, bool limitsInodes)
    {
        _depot = depot;
        _path = path;
        _limits = limits;
        LimitsInodes = limitsInodes;
    }

    public string Name => "the user quotas of its file system";

    public bool LimitsBytes => true;

    public bool LimitsInodes { get; }

    public bool SparesRoot => true;

    public string? WhyNot => null;

    /// <summary>Tries whether the file system of a depot limits users; null when it does not, and why.</summary>
    /// <exception cref="LinuxException">It cannot be tried.</exception>
    public static UserQuota? TryStart(SafeFileHandle depot, string path, out string? whyNot) =>
        TryStart(depot, path, new UserLimits(depot, path), out whyNot);

    /// <inheritdoc cref="TryStart(SafeFileHandle, string, out string?)"/>
    internal static UserQuota? TryStart(SafeFileHandle depot, string path, UserLimits limits, out string? whyNot)
    {
        whyNot = null;
        var (counts, holds) = limits.ReadState();
        if (!holds)
        {
            whyNot = QuotaAdvice.For(FileAt.FileSystemType(depot), path, counts);
            return null;
        }

        // What the kernel says of itself is tried all the same, but on a full disk, where there is only its word.
        var (bytes, inodes) = (true, true);
        try
        {
            (bytes, inodes) = new QuotaTrial(depot, path, limits).Run();
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOSPC)
        {
        }

        if (!bytes)
        {
            whyNot = "the user quotas of its file system are on and do not hold: a trial wrote beyond its limit";
            return null;
        }

        return new UserQuota(depot, path, limits, inodes);
    }

    /// <summary>Takes its limits from the user of a container that is being removed, where limits are switched off by now.</summary>
    public static void Clear(SafeFileHandle depot, string path, string containerId)
    {
        if (QuotaRecord.Read(depot, path, containerId) is { } record)
        {
            Clear(new UserLimits(depot, path), record.UserId);
        }
    }

    public void MakeVolume(SafeFileHandle directory, FileName name, string path) =>
        FileAt.Check(FileAt.MakeDirectory(directory, name, 0x1ED), "make the directory", path);

    public void Take(DiskUser user)
    {
        Clear(_limits, user.UserId);
        var (bytes, inodes) = Usage(user.UserId) ?? default;
        Keep(user, new QuotaRecord(user.UserId, bytes, inodes));
    }

    public void Limit(DiskUser user, DiskLimits limits)
    {
        var record = Find(user);
        try
        {
            _limits.Set(user.UserId, record.Beside(limits));
        }
        catch (LinuxException e)
        {
            var reason = UserLimits.IsOff(e) ? $"the user quotas of the file system of {_path} are not on any more" : e.Message;
            throw new WardenException($"Cannot limit the disk: {reason}", e);
        }
    }

    public (ulong? Bytes, ulong? Inodes) Measure(DiskUser user)
    {
        var record = Find(user);
        return Usage(user.UserId) is { } usage
            ? (usage.Bytes - Math.Min(usage.Bytes, record.Bytes), usage.Inodes - Math.Min(usage.Inodes, record.Inodes))
            : (null, null);
    }

    public void Release(string containerId)
    {
        _records.TryRemove(containerId, out var known);
        if ((known ?? QuotaRecord.Read(_depot, _path, containerId)) is not { } record)
        {
            return;
        }

        // What is left of a container may name a user that another has by now.
        if (_holders.TryRemove(KeyValuePair.Create(record.UserId, containerId)) || !_holders.ContainsKey(record.UserId))
        {
            Clear(_limits, record.UserId);
        }
    }

    // An administrator may turn the quotas off for a while, as a check of them wants. Containers come and go meanwhile.
    private static void Clear(UserLimits limits, uint user)
    {
        try
        {
            limits.Set(user, default);
        }
        catch (LinuxException e) when (UserLimits.IsOff(e))
        {
        }
    }

    private (ulong Bytes, ulong Inodes)? Usage(uint user)
    {
        try
        {
            var (_, bytes, inodes) = _limits.Read(user);
            return (bytes, inodes);
        }
        catch (LinuxException e) when (UserLimits.IsOff(e))
        {
            return null;
        }
    }

    private QuotaRecord Find(DiskUser user)
    {
        if (_records.TryGetValue(user.ContainerId, out var known))
        {
            return known;
        }

        // A container of an earlier server, which may have had other quotas.
        if (QuotaRecord.Read(_depot, _path, user.ContainerId) is { } kept && kept.UserId == user.UserId)
        {
            Remember(user, kept);
            return kept;
        }

        var record = new QuotaRecord(user.UserId, 0, 0);
        Keep(user, record);
        return record;
    }

    private void Keep(DiskUser user, QuotaRecord record)
    {
        record.Write(_depot, _path, user.ContainerId);
        Remember(user, record);
    }

    private void Remember(DiskUser user, QuotaRecord record)
    {
        _records[user.ContainerId] = record;
        _holders[user.UserId] = user.ContainerId;
    }
}
