using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The lines of all input files as one stream (or file by file), and where output goes: with -i a new file beside the old one.</summary>
internal sealed class SedInput(Invocation c, List<string> files, bool separate, string? inPlace, char separator) : IDisposable
{
    private readonly ByteWriter _target = new();
    private int _next;
    private ByteReader? _reader;
    private string? _ahead;
    private bool _aheadEnded;
    private bool _hasAhead;
    private bool _missingNewline;
    private bool _collecting;

    public long Number { get; private set; }

    public string FileName { get; private set; } = "-";

    /// <summary>Whether the current line ended with a newline.</summary>
    public bool LineEnded { get; private set; } = true;

    public bool AtEndOfAll => !_hasAhead && _next >= files.Count;

    public void Dispose() => _reader?.Dispose();

    public async ValueTask<string?> NextAsync()
    {
        if (!await PeekAsync(acrossFiles: true))
        {
            return null;
        }
        _hasAhead = false;
        LineEnded = _aheadEnded;
        Number++;
        return _ahead;
    }

    /// <summary>Whether no line follows (in this file, when files are separate).</summary>
    public async ValueTask<bool> IsLastAsync() => !await PeekAsync(acrossFiles: !separate);

    public async ValueTask WriteAsync(string text, bool ended)
    {
        if (text.Length == 0)
        {
            return;
        }
        // A last line without newline gets one as soon as something follows.
        var whole = _missingNewline ? separator + text : text;
        _missingNewline = !ended;
        if (_collecting)
        {
            _target.Write(whole);
        }
        else
        {
            c.Write(whole);
            await c.DrainAsync();
        }
    }

    public async ValueTask FinishAsync(bool quit)
    {
        if (_reader is not null && quit && _collecting)
        {
            // After q the rest of a file that is edited in place is kept.
            if (_hasAhead)
            {
                await WriteAsync(_aheadEnded ? _ahead + separator : _ahead!, _aheadEnded);
                _hasAhead = false;
            }
            while (await _reader.ReadLineAsync((byte)separator) is { } line)
            {
                await WriteAsync(_reader.LastLineEnded ? line + separator : line, _reader.LastLineEnded);
            }
        }
        else if (_reader is not null && quit && FileName == "-")
        {
            _reader.GiveBack();
        }
        await CloseAsync();
    }

    private async ValueTask<bool> PeekAsync(bool acrossFiles)
    {
        while (!_hasAhead)
        {
            if (_reader is null)
            {
                if (!acrossFiles && _next > 0 || _next >= files.Count)
                {
                    return false;
                }
                await OpenAsync(files[_next++]);
                continue;
            }
            try
            {
                _ahead = await _reader.ReadLineAsync((byte)separator);
            }
            catch (ErrnoException failure)
            {
                c.Fail(failure.Errno == Errno.EISDIR ? $"couldn't edit {FileName}: not a regular file" : $"read error on {FileName}: {failure.Message}", 2);
                _ahead = null;
            }
            if (_ahead is null)
            {
                if (!acrossFiles)
                {
                    return false;
                }
                await CloseAsync();
                continue;
            }
            _aheadEnded = _reader.LastLineEnded;
            _hasAhead = true;
        }
        return true;
    }

    private async ValueTask OpenAsync(string name)
    {
        FileName = name;
        try
        {
            var fd = await c.OpenInputAsync(name);
            var kind = c.Process.GetFile(fd).Status.Kind;
            if (kind == FileKind.Directory || (inPlace is not null && kind != FileKind.Regular))
            {
                c.Process.Close(fd);
                c.Fail(inPlace is null ? $"read error on {name}: Is a directory" : $"couldn't edit {name}: not a regular file", inPlace is null ? 2 : 4);
                return;
            }
            _reader = new ByteReader(c.Process, fd);
            _collecting = inPlace is not null;
            if (separate)
            {
                Number = 0;
            }
        }
        catch (ErrnoException failure)
        {
            c.Fail($"can't read {name}: {failure.Message}", 2);
            await c.DrainAsync();
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_reader is null)
        {
            return;
        }
        _reader.Dispose();
        _reader = null;
        if (!_collecting)
        {
            return;
        }
        _collecting = false;
        _missingNewline = false;
        var status = c.Process.Stat(FileName);
        var temporary = FilePath.Join(FilePath.DirectoryName(FileName), "sed" + c.Process.Id + "~");
        var data = _target.Take();
        try
        {
            var fd = await c.Process.OpenAsync(temporary, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate, status.Mode & 0x1FF);
            await c.Process.WriteAsync(fd, data);
            c.Process.Close(fd);
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"couldn't open temporary file {temporary}: {failure.Message}", 4);
        }
        c.Process.ChangeMode(temporary, status.Mode);
        if (c.Process.UserId == 0)
        {
            c.Process.ChangeOwner(temporary, status.UserId, status.GroupId);
        }
        if (inPlace!.Length > 0)
        {
            var backup = inPlace.Contains('*', StringComparison.Ordinal) ? inPlace.Replace("*", FilePath.BaseName(FileName), StringComparison.Ordinal) : FilePath.BaseName(FileName) + inPlace;
            c.Process.Rename(FileName, backup.Contains('/', StringComparison.Ordinal) ? backup : FilePath.Join(FilePath.DirectoryName(FileName), backup));
        }
        c.Process.Rename(temporary, FileName);
    }
}
