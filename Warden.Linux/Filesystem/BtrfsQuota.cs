using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;
using static Warden.Linux.Filesystem.Interop.BtrfsCalls;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Limits by the quota group of a subvolume (btrfs-quota(8)), one a container. A group counts what the subvolume refers to, whoever wrote
/// it: root's files count too. Inodes it does not limit.
/// </summary>
internal sealed unsafe class BtrfsQuota : IDiskQuota
{
    private const string Volume = "tmp";

    private readonly SafeFileHandle _depot;
    private readonly string _path;
    private readonly string _groups;
    private readonly ConcurrentDictionary<string, (ulong Subvolume, ulong Generation, ulong Inodes)> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<ulong> _released = new();

    private BtrfsQuota(SafeFileHandle depot, string path)
    {
        _depot = depot;
        _path = path;
        _groups = $"/sys/fs/btrfs/{FileSystemId(depot, path)}/qgroups";
    }

    public string Name => "the quota groups of btrfs";

    public bool LimitsBytes => true;

    public bool LimitsInodes => false;

    public bool SparesRoot => false;

    public string? WhyNot => null;

    /// <summary>Turns quotas on and tries them on a subvolume of its own.</summary>
    /// <exception cref="LinuxException">This file system limits nothing, or may not be changed.</exception>
    public static BtrfsQuota Start(SafeFileHandle depot, string path)
    {
        const string Trial = ".quota-trial";
        var arguments = new QuotaArguments { Command = EnableQuota };
        FileAt.Check(FileAt.Control(depot, ControlQuota, &arguments), "turn on the quotas of btrfs at", path);
        TreeRemover.Remove(depot, Trial, path);
        Subvolume.Create(depot, Trial, $"{path}/{Trial}");
        ulong tried;
        try
        {
            FileAt.Check(
                FileAt.Open(depot, Trial, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var trial), "open", $"{path}/{Trial}");
            using (trial)
            {
                Limit(trial, 1 << 20, $"{path}/{Trial}");
                tried = Subvolume.Id(trial, $"{path}/{Trial}");
            }
        }
        finally
        {
            TreeRemover.Remove(depot, Trial, path);
        }

        var quota = new BtrfsQuota(depot, path);
        quota._released.Enqueue(tried);
        return quota;
    }

    public void MakeVolume(SafeFileHandle directory, FileName name, string path)
    {
        RemoveReleasedGroups();
        Subvolume.Create(directory, name, path);
    }

    public void Take(DiskUser user)
    {
        // A new subvolume has a group of its own.
    }

    public void Limit(DiskUser user, DiskLimits limits)
    {
        using var volume = Open(user.ContainerId);
        if (!Subvolume.Is(volume))
        {
            throw new WardenException("Cannot limit the disk: this container was made before disk limits were on");
        }

        Limit(volume, limits.BlockHard, $"{_path}/{user.ContainerId}");
    }

    public (ulong? Bytes, ulong? Inodes) Measure(DiskUser user)
    {
        var id = user.ContainerId;
        using var volume = Open(id);
        if (!Subvolume.Is(volume))
        {
            return (null, null);
        }

        var subvolume = Subvolume.Id(volume, $"{_path}/{id}");

        return (Bytes($"{_groups}/0_{subvolume}"), Inodes(id, volume, subvolume));
    }

    /// <summary>What a group refers to, and what is written and not yet part of a transaction: that is reserved.</summary>
    private static ulong? Bytes(string group)
    {
        const int Attempts = 5;
        var referenced = Read($"{group}/referenced");
        for (var attempt = 1; ; attempt++)
        {
            var reserved = Read($"{group}/rsv_data") ?? 0;

            // A transaction between the two would have turned the one into the other, and neither number have it.
            var after = Read($"{group}/referenced");
            if (after == referenced || attempt == Attempts)
            {
                return after + reserved;
            }

            referenced = after;
        }
    }

    private static void Limit(SafeFileHandle volume, ulong blocks, string path)
    {
        // Group 0 means that of the descriptor's subvolume; the largest number clears a limit.
        var arguments = new LimitArguments
        {
            Flags = LimitReferenced,
            Referenced = blocks == 0 || blocks > ulong.MaxValue / 1024 ? ulong.MaxValue : blocks * 1024,
        };
        FileAt.Check(FileAt.Control(volume, LimitQuotaGroup, &arguments), "limit the btrfs quota group of", path);
    }

    private static ulong? Read(string path)
    {
        try
        {
            return ulong.Parse(File.ReadAllText(path).AsSpan().Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static Guid FileSystemId(SafeFileHandle file, string path)
    {
        // struct btrfs_ioctl_fs_info_args.
        var arguments = stackalloc byte[1024];
        FileAt.Check(FileAt.Control(file, FileSystemInformation, arguments), "ask for the btrfs file system of", path);
        return new Guid(new ReadOnlySpan<byte>(arguments + 16, 16), bigEndian: true);
    }

    // Counted anew only after a transaction changed the subvolume, as counting reads all of its tree.
    private ulong Inodes(string id, SafeFileHandle volume, ulong subvolume)
    {
        var generation = InodeCount.Generation(volume, $"{_path}/{id}");
        if (_counts.TryGetValue(id, out var known) && known.Subvolume == subvolume && known.Generation == generation)
        {
            return known.Inodes;
        }

        var count = InodeCount.Of(volume, $"{_path}/{id}");
        _counts[id] = (subvolume, generation, count);
        return count;
    }

    public void Release(string containerId)
    {
        RemoveReleasedGroups();
        _counts.TryRemove(containerId, out _);
        if (TryOpen(containerId, out var volume) == 0)
        {
            using (volume)
            {
                if (Subvolume.Is(volume))
                {
                    _released.Enqueue(Subvolume.Id(volume, $"{_path}/{containerId}"));
                }
            }
        }
    }

    // Some kernels before 6.11 refuse to remove a group until the last block of its subvolume is freed, and never remove it themselves: the
    // next containers do, those that come and those that go. Subvolumes are freed in the order in which they went, so that the first that is
    // still there ends the search.
    private void RemoveReleasedGroups()
    {
        while (_released.TryDequeue(out var subvolume))
        {
            // A kernel that removes a group before it has counted it down to nothing calls all groups inconsistent, and holds no limit any more.
            if (Read($"{_groups}/0_{subvolume}/referenced") > 0 || Subvolume.RemoveGroup(_depot, subvolume) == Errno.EBUSY)
            {
                _released.Enqueue(subvolume);
                return;
            }
        }
    }

    private int TryOpen(string id, out SafeFileHandle volume) => FileAt.OpenResolved(
        _depot, $"{id}/{Volume}", OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, FileCalls.ResolveNoLinks, out volume);

    private SafeFileHandle Open(string id)
    {
        FileAt.Check(TryOpen(id, out var volume), "open", $"{_path}/{id}/{Volume}");
        return volume;
    }
}
