using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Copies files and trees: cp, mv between file systems, install.</summary>
internal sealed class FileCopier(Invocation c)
{
    private const int BlockSize = 128 * 1024;
    private readonly Dictionary<(int Device, long Inode), string> _copied = [];
    private byte[]? _buffer;

    public bool Recursive { get; init; }

    /// <summary>Copy links as links, also those that are named.</summary>
    public bool NoDereference { get; init; }

    /// <summary>Follow the links that are named as operands, and no others.</summary>
    public bool DereferenceOperands { get; init; }

    public bool PreserveMode { get; init; }

    public bool PreserveOwner { get; init; }

    public bool PreserveTimes { get; init; }

    public bool PreserveLinks { get; init; }

    public bool Force { get; init; }

    public bool NoClobber { get; init; }

    public bool Update { get; init; }

    public bool Verbose { get; init; }

    public bool MakeLinks { get; init; }

    public bool MakeSymbolicLinks { get; init; }

    public bool AttributesOnly { get; init; }

    public async ValueTask<bool> CopyAsync(string source, string target, bool operand = true)
    {
        await c.DrainAsync();
        FileStatus status;
        try
        {
            status = NoDereference && !(operand && DereferenceOperands) ? c.Process.LinkStat(source) : c.Process.Stat(source);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot stat {Quote.Always(source)}: {failure.Message}");
            return false;
        }
        if (status.Kind == FileKind.Directory && !Recursive)
        {
            c.Fail($"-r not specified; omitting directory {Quote.Always(source)}");
            return false;
        }
        var existing = status.Kind == FileKind.Regular && !NoDereference
            ? FilePath.TryStat(c.Process, target) ?? FilePath.TryLinkStat(c.Process, target)
            : FilePath.TryLinkStat(c.Process, target);
        if (status.Kind == FileKind.Directory && existing?.Kind == FileKind.SymbolicLink && FilePath.TryStat(c.Process, target) is { } behind)
        {
            existing = behind;
        }
        if (existing is not null && !MayReplace(source, status, target, existing, out var done))
        {
            return done;
        }
        if (status.Kind == FileKind.Directory)
        {
            return await CopyDirectoryAsync(source, status, target, existing);
        }
        if (PreserveLinks && status.Links > 1 && !TryRemember(status, target, out var first))
        {
            return LinkAgain(first, target, existing, source);
        }
        if (Verbose)
        {
            c.WriteLine($"{Quote.Always(source)} -> {Quote.Always(target)}");
        }
        return await CopyFileAsync(source, status, target, existing);
    }

    private bool MayReplace(string source, FileStatus status, string target, FileStatus existing, out bool done)
    {
        done = true;
        if (FilePath.SameFile(status, existing) && !MakeSymbolicLinks)
        {
            if (MakeLinks)
            {
                return false;
            }
            done = false;
            c.Fail($"{Quote.Always(source)} and {Quote.Always(target)} are the same file");
            return false;
        }
        if (status.Kind == FileKind.Directory && existing.Kind != FileKind.Directory)
        {
            done = false;
            c.Fail($"cannot overwrite non-directory {Quote.Always(target)} with directory {Quote.Always(source)}");
            return false;
        }
        if (status.Kind != FileKind.Directory && existing.Kind == FileKind.Directory)
        {
            done = false;
            c.Fail($"cannot overwrite directory {Quote.Always(target)} with non-directory");
            return false;
        }
        return status.Kind == FileKind.Directory || !(NoClobber || (Update && existing.Modified >= status.Modified));
    }

    private async ValueTask<bool> CopyDirectoryAsync(string source, FileStatus status, string target, FileStatus? existing)
    {
        if (IsInside(source, status, target))
        {
            c.Fail($"cannot copy a directory, {Quote.Always(source)}, into itself, {Quote.Always(target)}");
            return false;
        }
        IReadOnlyList<DirectoryEntry> entries;
        try
        {
            entries = c.Process.ReadDirectory(source);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot access {Quote.Always(source)}: {failure.Message}");
            return false;
        }
        if (existing is null)
        {
            try
            {
                c.Process.MakeDirectory(target, (status.Mode & 0x1FF) | 0x1C0);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot create directory {Quote.Always(target)}: {failure.Message}");
                return false;
            }
            if (Verbose)
            {
                c.WriteLine($"{Quote.Always(source)} -> {Quote.Always(target)}");
            }
        }
        var all = true;
        foreach (var entry in entries)
        {
            all &= await CopyAsync(FilePath.Join(source, entry.Name), FilePath.Join(target, entry.Name), operand: false);
        }
        if (existing is null && !PreserveMode)
        {
            c.Process.ChangeMode(target, status.Mode & 0x1FF & ~c.Process.Umask);
        }
        return Preserve(status, target) && all;
    }

    private bool IsInside(string source, FileStatus status, string target)
    {
        for (var parent = FilePath.DirectoryName(target); ; parent = FilePath.Join(parent, ".."))
        {
            if (FilePath.TryStat(c.Process, parent) is not { } at)
            {
                return false;
            }
            if (FilePath.SameFile(at, status) && source.Length > 0)
            {
                return true;
            }
            if (FilePath.SameFile(at, c.Process.Stat("/")))
            {
                return false;
            }
        }
    }

    private bool TryRemember(FileStatus status, string target, out string first)
    {
        if (_copied.TryGetValue((status.Device, status.Inode), out first!))
        {
            return false;
        }
        _copied[(status.Device, status.Inode)] = target;
        return true;
    }

    private bool LinkAgain(string first, string target, FileStatus? existing, string source)
    {
        try
        {
            if (existing is not null)
            {
                c.Process.Unlink(target);
            }
            c.Process.Link(first, target);
            if (Verbose)
            {
                c.WriteLine($"{Quote.Always(source)} -> {Quote.Always(target)}");
            }
            return true;
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot create hard link {Quote.Always(target)} to {Quote.Always(first)}: {failure.Message}");
            return false;
        }
    }

    private async ValueTask<bool> CopyFileAsync(string source, FileStatus status, string target, FileStatus? existing)
    {
        try
        {
            if (existing is not null && (status.Kind != FileKind.Regular || MakeLinks || MakeSymbolicLinks))
            {
                if (!Force && (MakeLinks || MakeSymbolicLinks))
                {
                    throw new ErrnoException(Errno.EEXIST);
                }
                c.Process.Unlink(target);
            }
            if (MakeSymbolicLinks)
            {
                c.Process.SymbolicLink(source, target);
                return true;
            }
            if (MakeLinks)
            {
                c.Process.Link(source, target);
                return true;
            }
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot create {(MakeSymbolicLinks ? "symbolic " : MakeLinks ? "hard " : "")}link {Quote.Always(target)} to {Quote.Always(source)}: {failure.Message}");
            return false;
        }
        try
        {
            switch (status.Kind)
            {
                case FileKind.SymbolicLink:
                    c.Process.SymbolicLink(c.Process.ReadLink(source), target);
                    break;
                case FileKind.Fifo when Recursive:
                    c.Process.MakeFifo(target, status.Mode & 0x1FF);
                    break;
                case FileKind.CharacterDevice or FileKind.BlockDevice when Recursive:
                    c.Process.MakeDevice(target, status.Mode & 0x1FF, status.Kind, status.DeviceNumber.Major, status.DeviceNumber.Minor);
                    break;
                case FileKind.Socket when Recursive:
                    c.Warn($"cannot copy socket {Quote.Always(source)}");
                    return true;
                default:
                    if (!await CopyContentAsync(source, status, target, existing))
                    {
                        return false;
                    }
                    break;
            }
        }
        catch (ErrnoException failure)
        {
            var what = status.Kind switch { FileKind.SymbolicLink => "symbolic link", FileKind.Fifo => "fifo", _ => "special file" };
            c.Fail($"cannot create {what} {Quote.Always(target)}: {failure.Message}");
            return false;
        }
        return Preserve(status, target);
    }

    private async ValueTask<bool> CopyContentAsync(string source, FileStatus status, string target, FileStatus? existing)
    {
        int input;
        try
        {
            input = await c.Process.OpenAsync(source, OpenFlags.Read);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot open {Quote.Always(source)} for reading: {failure.Message}");
            return false;
        }
        try
        {
            var output = await OpenTargetAsync(status, target, existing);
            if (output < 0)
            {
                return false;
            }
            try
            {
                return AttributesOnly || await PumpAsync(input, source, output, target);
            }
            finally
            {
                c.Process.Close(output);
            }
        }
        finally
        {
            c.Process.Close(input);
        }
    }

    private async ValueTask<int> OpenTargetAsync(FileStatus status, string target, FileStatus? existing)
    {
        try
        {
            if (target.EndsWith('/'))
            {
                throw new ErrnoException(existing is null ? Errno.ENOENT : Errno.ENOTDIR);
            }
            try
            {
                var flags = OpenFlags.Write | (AttributesOnly ? 0 : OpenFlags.Truncate) | (existing is null ? OpenFlags.Create | OpenFlags.Exclusive : 0);
                return await c.Process.OpenAsync(target, flags, status.Mode & 0x1FF);
            }
            catch (ErrnoException) when (Force && existing is not null)
            {
                c.Process.Unlink(target);
                return await c.Process.OpenAsync(target, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, status.Mode & 0x1FF);
            }
        }
        catch (ErrnoException failure)
        {
            var dangling = failure.Errno == Errno.EEXIST && existing?.Kind == FileKind.SymbolicLink;
            c.Fail(dangling
                ? $"not writing through dangling symlink {Quote.Always(target)}"
                : $"cannot create regular file {Quote.Always(target)}: {(target.EndsWith('/') && existing is null ? "Not a directory" : failure.Message)}");
            return -1;
        }
    }

    private async ValueTask<bool> PumpAsync(int input, string source, int output, string target)
    {
        _buffer ??= new byte[BlockSize];
        while (true)
        {
            int count;
            try
            {
                count = await c.Process.ReadAsync(input, _buffer);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error reading {Quote.Always(source)}: {failure.Message}");
                return false;
            }
            if (count == 0)
            {
                return true;
            }
            try
            {
                await c.Process.WriteAsync(output, _buffer.AsMemory(0, count));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error writing {Quote.Always(target)}: {failure.Message}");
                return false;
            }
        }
    }

    private bool Preserve(FileStatus status, string target)
    {
        if (PreserveTimes)
        {
            c.Process.SetTimes(target, status.Accessed, status.Modified, followLinks: false);
        }
        if (PreserveOwner)
        {
            try
            {
                c.Process.ChangeOwner(target, status.UserId, status.GroupId, followLinks: false);
            }
            catch (ErrnoException failure) when (failure.Errno == Errno.EPERM && c.Process.UserId != 0)
            {
                // Only root gives files away; cp -p of others keeps its own ownership silently.
            }
        }
        if (PreserveMode && status.Kind != FileKind.SymbolicLink)
        {
            c.Process.ChangeMode(target, status.Mode);
        }
        return true;
    }
}
