using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>
/// A thread of a copy's own, as rights over files are a thread's. It is root until it asks for the user's rights, and holds these for single
/// system calls only: whatever the runtime opens meanwhile (an assembly, say) it opens as the server.
/// </summary>
internal sealed class CopyThread
{
    private const uint Unchanged = uint.MaxValue;
    private const int StackSize = 4 << 20;

    private readonly uint _userId;

    private CopyThread(uint userId) => _userId = userId;

    /// <summary>Runs work on a thread of its own, which ends with it.</summary>
    public static Task RunAsync(uint userId, Action<CopyThread> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    FileAt.Check(IdentityCalls.LeaveGroups(), "leave the groups of the server", null);
                    _ = IdentityCalls.SetGroup(userId);

                    // What a copy writes is the user's, whose limits hold for it.
                    FileAt.Check(IdentityCalls.KeepQuotas(), "give up CAP_SYS_RESOURCE", null);
                    work(new CopyThread(userId));
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            StackSize)
        {
            IsBackground = true,
            Name = "copy",
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>From here to the end of the scope the user's rights count, not root's.</summary>
    public UserRights AsUser() => new(_userId);

    /// <summary>The scope of a user's rights over files.</summary>
    internal readonly ref struct UserRights
    {
        private readonly uint _former;

        public UserRights(uint userId)
        {
            _former = IdentityCalls.SetUser(userId);

            // The call reports no failure; asked for the impossible it tells what is in force.
            if (IdentityCalls.SetUser(Unchanged) != userId)
            {
                throw new LinuxException("take the rights of the user", $"{userId}", Errno.EPERM);
            }
        }

        public void Dispose() => _ = IdentityCalls.SetUser(_former);
    }
}
