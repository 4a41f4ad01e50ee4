using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Whether limits of users hold on a file system, found by giving a user that nobody has a small one and going over it. Nothing of it stays:
/// the files have no name, and a user without limits and files is none that the file system knows.
/// </summary>
internal sealed class QuotaTrial(SafeFileHandle directory, string path, UserLimits limits)
{
    // systemd's table of user ids, which others follow, has nobody here.
    private const int FirstUser = 60578;
    private const int LastUser = 61183;
    private const int Attempts = 20;
    private const ulong Blocks = 64;
    private const int TooMuch = 256 * 1024;

    /// <summary>Tries it.</summary>
    /// <returns>Which limits hold.</returns>
    /// <exception cref="LinuxException">It cannot be tried.</exception>
    public (bool Bytes, bool Inodes) Run()
    {
        // A user's rights and root's are a thread's own, and this one ends with the trial.
        (bool, bool) result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = Try();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "quota trial",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private (bool Bytes, bool Inodes) Try()
    {
        for (var attempt = 1; ; attempt++)
        {
            var user = (uint)Random.Shared.Next(FirstUser, LastUser + 1);
            var (present, bytes, inodes) = limits.Read(user);
            if (present != default || bytes + inodes != 0)
            {
                // Another server tries with this one, or a user has it after all.
                if (attempt < Attempts)
                {
                    continue;
                }

                throw new LinuxException("find a user id without files to try the disk quotas with at", path, Errno.EBUSY);
            }

            var trial = new DiskLimits(0, Blocks, 0, 1);
            limits.Set(user, trial);
            try
            {
                var result = Exceed(user);

                // What was written in spite of the limits tells nothing if another one's trial has taken them away.
                if ((result.Bytes && result.Inodes) || attempt == Attempts || limits.Read(user).Limits == trial)
                {
                    return result;
                }
            }
            finally
            {
                limits.Set(user, default);
            }
        }
    }

    private (bool Bytes, bool Inodes) Exceed(uint user)
    {
        // Files are made as the user: to be given one XFS allows beyond a limit.
        var root = IdentityCalls.SetUser(user);
        try
        {
            FileAt.Check(IdentityCalls.MakeAnywhere(), "take the rights of a user for a trial at", path);
            var errno = Make(out var first);
            using (first)
            {
                Check(errno, "make a file for a trial at");
                var written = errno == 0 ? FileAt.Write(first, new byte[TooMuch]) : 0;
                Check(written, "write a file for a trial at");
                var another = Make(out var second);
                second.Dispose();
                Check(another, "make a file for a trial at");
                return (written == Errno.EDQUOT, another == Errno.EDQUOT);
            }
        }
        finally
        {
            _ = IdentityCalls.SetUser(root);
        }
    }

    private int Make(out SafeFileHandle file) => FileAt.Open(directory, ".", OpenFlag.WriteOnly | OpenFlag.Unnamed, 0x180, out file);

    private void Check(int errno, string operation) => FileAt.Check(errno == Errno.EDQUOT ? 0 : errno, operation, path);
}
