using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

// Processes that come from outside the container.
public sealed partial class Process
{
    /// <summary>Gives a process that does not run yet the attributes that the server asks for, and a session of its own.</summary>
    internal void Prepare(ProcessOptions options)
    {
        (UserId, PrimaryGroupId, Groups) = (options.UserId, options.UserId, []);
        Arguments = options.Arguments;
        Environment = options.Environment;
        ExecutablePath = options.Path;
        CommandName = options.Path[(options.Path.LastIndexOf('/') + 1)..];
        LeadSession();
        SetLimits(LimitTable.From(options.Limits));
        for (var fd = 0; fd < options.Files.Count; fd++)
        {
            if (options.Files[fd] is { } file)
            {
                file.Hold();
                try
                {
                    _descriptors.Replace(fd, file, closeOnExec: false);
                }
                catch (OperationCanceledException)
                {
                    // Killed before it began: whoever waits for its files to be closed must see that.
                }
                finally
                {
                    file.Release();
                }
            }
        }

        lock (Container.Gate)
        {
            try
            {
                WorkingDirectory = PathWalk.Resolve(this, options.Directory, follow: true).Node as DirectoryInode ?? Container.Root;
            }
            catch (ErrnoException)
            {
                // The user's home may have been removed; the program starts nevertheless.
                WorkingDirectory = Container.Root;
            }
        }
    }
}
