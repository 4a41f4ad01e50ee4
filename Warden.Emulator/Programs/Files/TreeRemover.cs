using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Removes files and trees, as rm does and as mv does after it has copied.</summary>
internal sealed class TreeRemover(Invocation c)
{
    private ByteReader? _answers;

    public bool Recursive { get; init; }

    public bool Directories { get; init; }

    public bool Verbose { get; init; }

    public bool Force { get; init; }

    public bool Ask { get; init; }

    /// <summary>Removes a file or tree; says what could not be removed and returns false then.</summary>
    public async ValueTask<bool> RemoveAsync(string path)
    {
        FileStatus status;
        try
        {
            status = c.Process.LinkStat(path);
        }
        catch (ErrnoException failure)
        {
            if (Force && failure.Errno is Errno.ENOENT or Errno.ENOTDIR)
            {
                return true;
            }
            c.Fail($"cannot remove {Quote.Always(path)}: {failure.Message}");
            return false;
        }
        try
        {
            return status.Kind == FileKind.Directory ? await RemoveDirectoryAsync(path) : await RemoveFileAsync(path, status);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot remove {Quote.Always(path)}: {failure.Message}");
            return false;
        }
    }

    private async ValueTask<bool> RemoveFileAsync(string path, FileStatus status)
    {
        if (Ask && !await ConfirmAsync($"remove {FileModes.Describe(status)} {Quote.Always(path)}? "))
        {
            return true;
        }
        c.Process.Unlink(path);
        if (Verbose)
        {
            c.WriteLine("removed " + Quote.Always(path));
        }
        return true;
    }

    private async ValueTask<bool> RemoveDirectoryAsync(string path)
    {
        if (!Recursive && !Directories)
        {
            throw new ErrnoException(Errno.EISDIR);
        }
        if (Recursive)
        {
            var entries = c.Process.ReadDirectory(path);
            if (Ask && entries.Count > 0 && !await ConfirmAsync($"descend into directory {Quote.Always(path)}? "))
            {
                return true;
            }
            var all = true;
            foreach (var entry in entries)
            {
                all &= await RemoveAsync(FilePath.Join(path, entry.Name));
                await c.DrainAsync();
            }
            if (!all)
            {
                return false;
            }
        }
        if (Ask && !await ConfirmAsync($"remove directory {Quote.Always(path)}? "))
        {
            return true;
        }
        c.Process.RemoveDirectory(path);
        if (Verbose)
        {
            c.WriteLine("removed directory " + Quote.Always(path));
        }
        return true;
    }

    private async ValueTask<bool> ConfirmAsync(string question)
    {
        await c.FlushAsync();
        c.WarnRaw(c.Name + ": " + question);
        await c.FlushMessagesAsync();
        _answers ??= new ByteReader(c.Process, 0, 1);
        var answer = await _answers.ReadLineAsync();
        return answer is { Length: > 0 } && answer[0] is 'y' or 'Y';
    }
}
