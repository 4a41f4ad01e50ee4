using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>
/// A file that one process at a time holds locked (flock(2)): the kernel lets go of it however the process ends. It is removed by who held
/// it.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    private FileLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Takes the lock.</summary>
    /// <param name="path">The file; it is made when it is not there.</param>
    /// <param name="taken">What to say when another process holds it.</param>
    /// <exception cref="WardenException">Another process holds it, or the file cannot be made.</exception>
    public static FileLock Take(string path, string taken) => TryTake(path) ?? throw new WardenException(taken);

    /// <summary>Takes the lock; null when another process holds it.</summary>
    /// <param name="path">The file; it is made when it is not there.</param>
    /// <exception cref="WardenException">The file cannot be made.</exception>
    public static FileLock? TryTake(string path)
    {
        while (true)
        {
            FileStream file;
            try
            {
                // FileShare.None is an exclusive flock, which whoever may open the file could take.
                file = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException e) when (e.HResult == Errno.EAGAIN)
            {
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new WardenException($"Cannot make {path}: {e.Message}", e);
            }

            // Between opening and locking the former holder may have removed the file: what is locked then is nobody's any more.
            if (new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget is { } target
                && !target.EndsWith(" (deleted)", StringComparison.Ordinal))
            {
                return new FileLock(path, file);
            }

            file.Dispose();
        }
    }

    /// <summary>Removes the file, and lets go of the lock after that.</summary>
    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
    }
}
