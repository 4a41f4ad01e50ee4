using System.Buffers;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture;

/// <summary>
/// Takes the frames out of the bytes of one direction of a connection. From the first byte that makes a frame impossible on, or that
/// of a frame longer than what is kept, the bytes come as they are.
/// </summary>
internal sealed class FrameSplitter
{
    private const int Kept = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private string? _broken;

    /// <summary>Adds bytes; what was taken before is no longer valid.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_buffer.Length - _end < bytes.Length)
        {
            var length = _end - _start;
            var needed = length + bytes.Length;
            var target = needed <= _buffer.Length ? _buffer : new byte[Math.Max(needed, Math.Min(2 * length, int.MaxValue / 2))];
            Buffer.BlockCopy(_buffer, _start, target, 0, length);
            (_buffer, _start, _end) = (target, 0, length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes a frame, or what cannot be one. False when more bytes are needed.</summary>
    public bool TryTake(out Piece piece)
    {
        piece = default;
        var rest = _buffer.AsMemory(_start, _end - _start);
        if (rest.IsEmpty)
        {
            Shrink();
            return false;
        }

        if (_broken is null)
        {
            try
            {
                var bytes = new ReadOnlySequence<byte>(rest);
                if (!FrameParser.TryParse(bytes, FrameReader.DefaultLimit, out var payload, out var next))
                {
                    return false;
                }

                var length = (int)bytes.Slice(bytes.Start, next).Length;
                piece = new Piece(rest[..length], payload, null);
                _start += length;
                return true;
            }
            catch (FrameException e)
            {
                _broken = e.Message;
                piece = new Piece(rest, null, _broken);
                _start = _end;
                return true;
            }
        }

        piece = new Piece(rest, null, null);
        _start = _end;
        return true;
    }

    /// <summary>Takes what is left at the end of the stream: the beginning of a frame. False when nothing is.</summary>
    public bool TryTakeRest(out Piece piece)
    {
        piece = new Piece(_buffer.AsMemory(_start, _end - _start), null, "bad frame: the connection ended within it");
        _start = _end;
        return !piece.Bytes.IsEmpty;
    }

    private void Shrink()
    {
        if (_buffer.Length > Kept)
        {
            _buffer = [];
            _start = _end = 0;
        }
    }
}

/// <summary>What a <see cref="FrameSplitter"/> took; valid until bytes are added.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="Payload">The frame's payload; null for what is no frame.</param>
/// <param name="Because">Why it is none, where that shows first.</param>
internal readonly record struct Piece(ReadOnlyMemory<byte> Bytes, ReadOnlySequence<byte>? Payload, string? Because);
