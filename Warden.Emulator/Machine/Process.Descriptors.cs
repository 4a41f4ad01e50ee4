using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

// Descriptors, and reading and writing by them.
public sealed partial class Process
{
    /// <summary>The open descriptors, ascending.</summary>
    public IReadOnlyList<int> Descriptors => _descriptors.Open;

    /// <summary>read(2): waits for at least one byte; 0 at the end.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>How many bytes were read.</returns>
    /// <exception cref="ErrnoException">EBADF, EISDIR, EAGAIN (opened with <see cref="FileSystem.OpenFlags.NonBlocking"/>), …</exception>
    public ValueTask<int> ReadAsync(int fd, Memory<byte> buffer) =>
        MustPause() ? PauseAndReadAsync(fd, buffer) : GetFile(fd).ReadAsync(this, buffer);

    /// <summary>write(2), until all is written.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="data">The bytes; the buffer may be used again when this has completed.</param>
    /// <returns>Completes when all is written.</returns>
    /// <exception cref="ErrnoException">EBADF, EPIPE, EDQUOT, ENOSPC, EFBIG, …; what was written before stays written.</exception>
    public ValueTask WriteAsync(int fd, ReadOnlyMemory<byte> data) =>
        MustPause() ? PauseAndWriteAsync(fd, data) : GetFile(fd).WriteAsync(this, data);

    /// <summary>write(2) of a byte string, until all is written.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="text">The bytes (<see cref="ByteText"/>).</param>
    /// <returns>Completes when all is written.</returns>
    /// <exception cref="ErrnoException">As with bytes.</exception>
    public ValueTask WriteAsync(int fd, string text) => WriteAsync(fd, ByteText.ToBytes(text));

    /// <summary>The open file behind a descriptor.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ErrnoException">EBADF.</exception>
    public OpenFile GetFile(int fd)
    {
        Enter();
        return _descriptors.Find(fd) ?? throw new ErrnoException(Errno.EBADF);
    }

    /// <summary>The open file behind a descriptor, if it is open.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="file">The file.</param>
    /// <returns>Whether the descriptor is open.</returns>
    public bool TryGetFile(int fd, out OpenFile file)
    {
        file = _descriptors.Find(fd)!;
        return file is not null;
    }

    /// <summary>close(2).</summary>
    /// <param name="fd">The descriptor.</param>
    /// <exception cref="ErrnoException">EBADF.</exception>
    public void Close(int fd)
    {
        Enter();
        if (!_descriptors.Close(fd))
        {
            throw new ErrnoException(Errno.EBADF);
        }
    }

    /// <summary>fcntl(2) with F_DUPFD.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="lowest">The lowest number that the new one may have.</param>
    /// <param name="closeOnExec">Whether an exec closes the new one.</param>
    /// <returns>The new descriptor.</returns>
    /// <exception cref="ErrnoException">EBADF, EMFILE, EINVAL.</exception>
    public int Duplicate(int fd, int lowest = 0, bool closeOnExec = false) => Install(GetFile(fd), lowest, closeOnExec);

    /// <summary>dup2(2).</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="target">The number that the new one gets; what is there is closed.</param>
    /// <param name="closeOnExec">Whether an exec closes the new one.</param>
    /// <exception cref="ErrnoException">EBADF.</exception>
    public void DuplicateTo(int fd, int target, bool closeOnExec = false)
    {
        var file = GetFile(fd);
        if (target < 0 || (ulong)target >= _limits[ResourceLimit.Nofile].Soft)
        {
            throw new ErrnoException(Errno.EBADF);
        }

        if (fd != target)
        {
            _descriptors.Replace(target, file, closeOnExec);
        }
    }

    /// <summary>fcntl(2) with F_SETFD.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="closeOnExec">Whether an exec closes it.</param>
    /// <exception cref="ErrnoException">EBADF.</exception>
    public void SetCloseOnExec(int fd, bool closeOnExec)
    {
        Enter();
        if (!_descriptors.SetCloseOnExec(fd, closeOnExec))
        {
            throw new ErrnoException(Errno.EBADF);
        }
    }

    /// <summary>Gives an open file a descriptor.</summary>
    /// <param name="file">The file.</param>
    /// <param name="lowest">The lowest number that it may have.</param>
    /// <param name="closeOnExec">Whether an exec closes it.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="ErrnoException">EMFILE; EINVAL when <paramref name="lowest"/> is no descriptor.</exception>
    public int Install(OpenFile file, int lowest = 0, bool closeOnExec = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        Enter();
        var limit = _limits[ResourceLimit.Nofile].Soft;
        if (lowest < 0 || (ulong)lowest >= limit)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        _listingDescriptor = -1;
        return _descriptors.Add(file, lowest, closeOnExec, limit);
    }

    /// <summary>pipe(2).</summary>
    /// <returns>The descriptors of the end to read from and of the end to write to.</returns>
    /// <exception cref="ErrnoException">EMFILE.</exception>
    public (int Read, int Write) Pipe()
    {
        Enter();
        var (read, write) = new Pipe(Container.NextPipe()).OpenBoth(this);
        var fd = Install(read);
        try
        {
            return (fd, Install(write));
        }
        catch (ErrnoException)
        {
            _descriptors.Close(fd);
            throw;
        }
    }

    private async ValueTask<int> PauseAndReadAsync(int fd, Memory<byte> buffer)
    {
        await PauseAsync().ConfigureAwait(false);
        return await GetFile(fd).ReadAsync(this, buffer).ConfigureAwait(false);
    }

    private async ValueTask PauseAndWriteAsync(int fd, ReadOnlyMemory<byte> data)
    {
        await PauseAsync().ConfigureAwait(false);
        await GetFile(fd).WriteAsync(this, data).ConfigureAwait(false);
    }
}
