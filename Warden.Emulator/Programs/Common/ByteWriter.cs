namespace Warden.Emulator.Programs;

/// <summary>A growing buffer of bytes.</summary>
internal sealed class ByteWriter
{
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public void Write(char character)
    {
        Reserve(1);
        _buffer[Length++] = (byte)character;
    }

    public void Write(string text)
    {
        Reserve(text.Length);
        Length += System.Text.Encoding.Latin1.GetBytes(text, _buffer.AsSpan(Length));
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The bytes so far; valid until the next write. The buffer begins anew.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var taken = _buffer.AsMemory(0, Length);
        Length = 0;
        return taken;
    }

    private void Reserve(int more)
    {
        if (Length + more > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(Length + more, Math.Max(256, _buffer.Length * 2)));
        }
    }
}
