using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.FileSystem;

/// <summary>A regular file of the tree. The content of an image's file is shared until the first write.</summary>
internal sealed class TreeFile : TreeInode, IProgramFile
{
    private ImageFile? _image;
    private FileContent? _content;

    internal TreeFile(Volume volume, ImageFile image)
        : base(volume, image) => _image = image;

    internal TreeFile(Volume volume, int mode, uint user, uint group)
        : base(volume, mode, user, group)
    {
    }

    internal override FileKind Kind => FileKind.Regular;

    internal long Length => _content?.Length ?? _image?.Length ?? 0;

    protected override long Size => Length;

    protected override long Blocks => _content?.Blocks ?? ((_image?.Length ?? 0) + DiskAccount.BlockSize - 1) / DiskAccount.BlockSize;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path)
    {
        lock (Volume.Container.Gate)
        {
            OpenCount++;
        }

        return new(new OpenTreeFile(this, flags, path));
    }

    public int ReadHead(Span<byte> buffer) => Read(0, buffer);

    internal int Read(long offset, Span<byte> buffer)
    {
        TouchAccessed();
        if (_content is not null)
        {
            return _content.Read(offset, buffer);
        }

        if (_image is null || offset >= _image.Length)
        {
            return 0;
        }

        var source = _image.Content.Span[(int)offset..];
        var count = Math.Min(source.Length, buffer.Length);
        source[..count].CopyTo(buffer);
        return count;
    }

    /// <summary>Writes what the limits allow; what was written before a failure stays.</summary>
    internal void Write(Process process, long offset, ReadOnlySpan<byte> data)
    {
        RequireWritable();
        if (data.IsEmpty)
        {
            return;
        }

        if (offset > FileContent.MaxLength - data.Length)
        {
            throw new ErrnoException(Errno.EFBIG);
        }

        var limit = process.GetLimit(ResourceLimit.Fsize).Soft;
        var allowed = limit > long.MaxValue ? data.Length : (int)Math.Clamp((long)limit - offset, 0, data.Length);
        if (allowed == 0)
        {
            process.RaiseFileSizeLimit();
        }

        var content = Own(process);
        DropSetId(process);
        WriteAllowed(process, content, offset, data[..allowed]);
        if (allowed < data.Length)
        {
            process.RaiseFileSizeLimit();
        }
    }

    internal override void Truncate(Process process, long length)
    {
        RequireWritable();
        if (length < 0)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        if (length > FileContent.MaxLength)
        {
            throw new ErrnoException(Errno.EFBIG);
        }

        if (length > Length && (ulong)length > process.GetLimit(ResourceLimit.Fsize).Soft)
        {
            process.RaiseFileSizeLimit();
        }

        if (length == 0 && _content is null)
        {
            CopyUp(process);
            _image = null;
            _content = new FileContent();
        }
        else
        {
            Volume.ChargeBlocks(process, UserId, -Own(process).SetLength(length));
        }

        DropSetId(process);
        Touch();
    }

    protected override void Free()
    {
        _content = null;
        _image = null;
    }

    private FileContent Own(Process process)
    {
        if (_content is null)
        {
            var content = _image is null ? new FileContent() : FileContent.From(_image.Content.Span);
            Volume.ChargeBlocks(process, UserId, content.Blocks);
            try
            {
                CopyUp(process);
            }
            catch (ErrnoException)
            {
                Volume.ChargeBlocks(null, UserId, -content.Blocks);
                throw;
            }

            _content = content;
            _image = null;
        }

        return _content;
    }

    private void WriteAllowed(Process process, FileContent content, long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            while (!data.IsEmpty)
            {
                var piece = (int)Math.Min(data.Length, FileContent.ChunkSize - (offset % FileContent.ChunkSize));
                WritePiece(process, content, offset, data[..piece]);
                data = data[piece..];
                offset += piece;
            }
        }
        finally
        {
            Touch();
        }
    }

    private void WritePiece(Process process, FileContent content, long offset, ReadOnlySpan<byte> piece)
    {
        var blocks = content.NewBlocks(offset, piece.Length);
        try
        {
            Volume.ChargeBlocks(process, UserId, blocks);
        }
        catch (ErrnoException) when (blocks > 1)
        {
            // The piece does not fit as a whole: block by block as much of it as does.
            while (!piece.IsEmpty)
            {
                var part = (int)Math.Min(piece.Length, DiskAccount.BlockSize - (offset % DiskAccount.BlockSize));
                Volume.ChargeBlocks(process, UserId, content.NewBlocks(offset, part));
                content.Write(offset, piece[..part]);
                piece = piece[part..];
                offset += part;
            }

            return;
        }

        content.Write(offset, piece);
    }
}
