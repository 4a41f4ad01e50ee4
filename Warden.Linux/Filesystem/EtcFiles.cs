using System.Text;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Filesystem;

/// <summary>
/// The files of a container that differ from its root filesystem's, written into the union's upper directory before it is mounted. Nobody
/// vouches for the root filesystem: it is read beneath itself only, and none of its programs runs for this.
/// </summary>
internal sealed class EtcFiles
{
    private const int LargestFile = 16 << 20;
    private const int DeepestSkeleton = 16;
    private const uint UsualMode = 0x1A4;
    private const uint DirectoryMode = 0x1ED;
    private const uint PrivateMode = 0x1C0;
    private const uint PermissionBits = 0x1FF;

    private readonly SafeFileHandle _lower;
    private readonly SafeFileHandle _upper;
    private readonly string _lowerPath;
    private readonly string _upperPath;

    private EtcFiles(SafeFileHandle lower, string lowerPath, SafeFileHandle upper, string upperPath)
    {
        _lower = lower;
        _lowerPath = lowerPath;
        _upper = upper;
        _upperPath = upperPath;
    }

    /// <summary>Writes the host name, hosts, resolv.conf, the accounts with vcap, vcap's home, and root's where it is missing.</summary>
    /// <returns>
    /// The uid that owns vcap's files in the root filesystem, which the container is to see as the new one; null when it knows no vcap,
    /// or has it as that uid already.
    /// </returns>
    /// <exception cref="WardenException">The root filesystem cannot be read, or the depot not be written.</exception>
    public static uint? Write(ContainerDirectory directory, string lower, EtcContent content)
    {
        try
        {
            FileAt.Check(FileAt.OpenDirectory(lower, out var lowerHandle), "open the root filesystem", lower);
            using (lowerHandle)
            {
                FileAt.Check(FileAt.OpenDirectory(directory.Upper, out var upper), "open", directory.Upper);
                using (upper)
                {
                    return new EtcFiles(lowerHandle, lower, upper, directory.Upper).Write(content);
                }
            }
        }
        catch (LinuxException e)
        {
            throw new WardenException(e.Message, e);
        }
    }

    private uint? Write(EtcContent content)
    {
        var passwd = Accounts.Passwd(Read("etc/passwd", out var passwdStatus), content.UserId, out var former);
        var group = Accounts.Group(Read("etc/group", out var groupStatus), content.UserId);
        CopyRoot();
        MakeDirectory("etc", former, content.UserId);
        WriteFile("etc/hostname", Encoding.UTF8.GetBytes(content.HostName + "\n"), null);
        WriteFile("etc/hosts", Encoding.UTF8.GetBytes($"127.0.0.1 localhost\n{content.Address} {content.HostName}\n"), null);
        WriteFile("etc/resolv.conf", Encoding.UTF8.GetBytes(content.ResolvConf), null);
        WriteFile("etc/passwd", passwd, passwdStatus);
        WriteFile("etc/group", group, groupStatus);
        var shadow = Read("etc/shadow", out var shadowStatus);
        if (shadowStatus is not null)
        {
            WriteFile("etc/shadow", Accounts.Shadow(shadow), shadowStatus);
        }

        MakeDirectory("home", former, content.UserId);
        MakeHome(content.UserId);
        if (OpenLower("root", OpenFlag.Path, out var root) == Errno.ENOENT)
        {
            MakeDirectory("root", PrivateMode, 0, 0);
        }

        root.Dispose();
        return former == content.UserId ? null : former;
    }

    // The union shows the upper's root directory: mode and owner are to be those of the root filesystem.
    private void CopyRoot()
    {
        FileAt.Check(FileAt.Status(_lower, out var status), "read", _lowerPath);
        FileAt.Check(FileAt.ChangeOwner(_upper, status.UserId, status.GroupId), "set the owner of", _upperPath);

        // Clients read on the host what lies in it.
        FileAt.Check(FileAt.ChangeMode(_upper, DirectoryMode), "set the mode of", _upperPath);
    }

    private byte[] Read(string name, out FileStatus? status)
    {
        status = null;
        var errno = OpenLower(name, OpenFlag.Path, out var entry);
        using (entry)
        {
            if (errno == Errno.ENOENT)
            {
                return [];
            }

            FileAt.Check(errno, "open", $"{_lowerPath}/{name}");
            FileAt.Check(FileAt.Status(entry, out var found), "read", $"{_lowerPath}/{name}");
            if (!found.IsRegular)
            {
                throw new WardenException($"The root filesystem {_lowerPath} has a {name} that is no regular file");
            }

            status = found;
            errno = FileAt.Reopen(entry, OpenFlag.ReadOnly, out var file);
            using (file)
            {
                return DepotFile.ReadAll(errno, file, $"{_lowerPath}/{name}", LargestFile);
            }
        }
    }

    private int OpenLower(string name, int flags, out SafeFileHandle handle) => FileAt.OpenResolved(
        _lower, name, flags, FileCalls.ResolveInRoot | FileCalls.ResolveNoMagicLinks, out handle);

    private bool FindDirectory(string name, out FileStatus status)
    {
        var errno = OpenLower(name, OpenFlag.Path | OpenFlag.NoFollow, out var entry);
        using (entry)
        {
            status = default;
            return errno == 0 && FileAt.Status(entry, out status) == 0 && status.IsDirectory;
        }
    }

    // A directory of the upper is merged with the lower's of its name, and covers its mode and owner.
    private void MakeDirectory(string name, uint? former, uint current)
    {
        var (mode, user, group) = (DirectoryMode, 0u, 0u);
        if (FindDirectory(name, out var status))
        {
            (mode, user, group) = (status.Mode, status.UserId, status.GroupId);
        }

        MakeDirectory(name, mode, user == former ? current : user, group);
    }

    private void MakeHome(uint id)
    {
        var name = Accounts.Home[1..];
        var mode = FindDirectory(name, out var status) ? status.Mode : DirectoryMode;
        MakeDirectory(name, mode, id, id);
        if (!Has(name))
        {
            CopySkeleton("etc/skel", name, id, 0);
        }
    }

    private bool Has(string name)
    {
        var errno = OpenLower(name, OpenFlag.Path, out var entry);
        entry.Dispose();
        return errno == 0;
    }

    // What useradd(8) gives a new home: files, links and directories, which are all vcap's own.
    private void CopySkeleton(string from, string to, uint id, int depth)
    {
        var errno = OpenLower(from, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, out var skeleton);
        using (skeleton)
        {
            if (errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP || depth > DeepestSkeleton)
            {
                return;
            }

            FileAt.Check(errno, "open", $"{_lowerPath}/{from}");
            using var reader = new DirectoryReader(skeleton);
            while (reader.TryRead(out var name, out errno))
            {
                CopyEntry(skeleton, name, $"{from}/{name}", $"{to}/{name}", id, depth);
            }

            FileAt.Check(errno, "read the directory", $"{_lowerPath}/{from}");
        }
    }

    private void CopyEntry(SafeFileHandle skeleton, FileName name, string from, string to, uint id, int depth)
    {
        FileAt.Check(FileAt.Status(skeleton, name, out var status), "read", $"{_lowerPath}/{from}");
        if (status.IsDirectory)
        {
            MakeDirectory(to, status.Mode, id, id);
            CopySkeleton(from, to, id, depth + 1);
        }
        else if (status.IsRegular)
        {
            WriteFile(to, Read(from, out _), status with { UserId = id, GroupId = id });
        }
        else if (status.IsLink)
        {
            FileAt.Check(FileAt.Open(skeleton, name, OpenFlag.Path | OpenFlag.NoFollow, 0, out var link), "open", $"{_lowerPath}/{from}");
            using (link)
            {
                FileAt.Check(FileAt.ReadLink(link, out var target), "read the link", $"{_lowerPath}/{from}");
                FileAt.Check(FileAt.MakeLink(target, _upper, to), "make the link", $"{_upperPath}/{to}");
                FileAt.Check(FileAt.ChangeOwner(_upper, to, id, id), "set the owner of", $"{_upperPath}/{to}");
            }
        }
    }

    private void MakeDirectory(string name, uint mode, uint user, uint group)
    {
        var path = $"{_upperPath}/{name}";
        FileAt.Check(FileAt.MakeDirectory(_upper, name, DirectoryMode), "make the directory", path);
        FileAt.Check(FileAt.Open(_upper, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var directory), "open", path);
        using (directory)
        {
            FileAt.Check(FileAt.ChangeOwner(directory, user, group), "set the owner of", path);
            FileAt.Check(FileAt.ChangeMode(directory, mode), "set the mode of", path);
        }
    }

    private void WriteFile(string name, byte[] content, FileStatus? like)
    {
        var path = $"{_upperPath}/{name}";
        FileAt.Check(
            FileAt.Open(_upper, name, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Exclusive | OpenFlag.NoFollow, UsualMode, out var file),
            "make the file", path);
        using (file)
        {
            FileAt.Check(FileAt.Write(file, content), "write", path);
            FileAt.Check(FileAt.ChangeOwner(file, like?.UserId ?? 0, like?.GroupId ?? 0), "set the owner of", path);
            FileAt.Check(FileAt.ChangeMode(file, (like?.Mode ?? UsualMode) & PermissionBits), "set the mode of", path);
        }
    }
}
