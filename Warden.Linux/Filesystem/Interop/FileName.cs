using System.Text;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>A name or path as the kernel has it: bytes and a NUL. <c>fixed</c> gives the pointer.</summary>
internal readonly struct FileName
{
    private readonly byte[] _bytes;

    public FileName(string path)
    {
        // What follows a NUL would be lost without a word.
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A path cannot contain NUL.", nameof(path));
        }

        _bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, _bytes);
    }

    /// <summary>A name without its NUL, as a directory holds it.</summary>
    public FileName(ReadOnlySpan<byte> name)
    {
        _bytes = new byte[name.Length + 1];
        name.CopyTo(_bytes);
    }

    /// <summary>The bytes without the NUL.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _bytes.Length - 1);

    public static implicit operator FileName(string path) => new(path);

    /// <summary>This path and a name in it.</summary>
    public FileName Child(FileName name)
    {
        var bytes = new byte[Bytes.Length + 1 + name.Bytes.Length];
        Bytes.CopyTo(bytes);
        bytes[Bytes.Length] = (byte)'/';
        name.Bytes.CopyTo(bytes.AsSpan(Bytes.Length + 1));
        return new FileName(bytes);
    }

    public ref readonly byte GetPinnableReference() => ref _bytes[0];

    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
