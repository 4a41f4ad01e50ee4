namespace Warden.Linux.Filesystem;

/// <summary>A copy out that failed on the host's side: what is said of it is another thing than of a failure in the container.</summary>
internal sealed class HostSideException(int errno) : IOException
{
    /// <summary>The error's number.</summary>
    public int Errno => errno;

    /// <summary>Throws unless the errno is 0.</summary>
    public static void Check(int errno)
    {
        if (errno != 0)
        {
            throw new HostSideException(errno);
        }
    }
}
