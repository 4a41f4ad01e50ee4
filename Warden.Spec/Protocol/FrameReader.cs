using System.Buffers;
using System.IO.Pipelines;

namespace Warden.Spec.Protocol;

/// <summary>
/// Takes frames from a pipe: the payload's length in ASCII decimal, CR LF, the payload, CR LF (protocol.md §1). Many frames are taken
/// from one read; a frame's bytes are kept only as they arrive, so a declared length costs nothing. Not for concurrent use.
/// </summary>
/// <param name="input">The pipe.</param>
/// <param name="limit">The longest payload in bytes; null means any length that a .NET sequence holds.</param>
internal sealed class FrameReader(PipeReader input, long? limit = null)
{
    /// <summary>The limit of a server that is configured no other: 64 MiB.</summary>
    public const long DefaultLimit = 64 * 1024 * 1024;

    private readonly long _limit = limit ?? long.MaxValue;
    private ReadOnlySequence<byte> _buffered;
    private bool _holding;
    private bool _starved;
    private bool _completed;

    /// <summary>Waits for the next frame; null at the end of the stream.</summary>
    /// <exception cref="FrameException">What came is no frame, or the stream ended within one.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryRead(out var frame))
            {
                return frame;
            }

            if (!await WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    /// <summary>Takes the next frame if all of it has been read already.</summary>
    /// <exception cref="FrameException">What came is no frame.</exception>
    public bool TryRead(out Frame frame)
    {
        if (!_holding && !TryHold())
        {
            frame = default;
            return false;
        }

        if (!FrameParser.TryParse(_buffered, _limit, out var payload, out var next))
        {
            _starved = true;
            frame = default;
            return false;
        }

        frame = MessageEnvelope.Parse(payload);
        _buffered = _buffered.Slice(next);
        return true;
    }

    /// <summary>
    /// Waits until more has been read than when <see cref="TryRead"/> last found no whole frame. False at the end of the stream.
    /// </summary>
    /// <exception cref="FrameException">The stream ended within a frame.</exception>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (_completed)
        {
            return AtEnd();
        }

        Release();
        var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Accept(result) || AtEnd();
    }

    /// <summary>Gives the memory of the frames taken so far back to the pipe, which may then read as much again.</summary>
    public void Release()
    {
        if (_holding)
        {
            _holding = false;
            input.AdvanceTo(_buffered.Start, _starved ? _buffered.End : _buffered.Start);
            _buffered = default;
        }
    }

    private bool TryHold() => !_starved && !_completed && input.TryRead(out var result) && Accept(result);

    private bool Accept(ReadResult result)
    {
        _buffered = result.Buffer;
        _holding = true;
        _starved = false;
        if (result.IsCanceled)
        {
            Release();
            throw new OperationCanceledException("Reading from the connection was cancelled.");
        }

        // A completed pipe gives the same rest again and again: what is left then is either whole frames or a torn one.
        if (result.IsCompleted && !FrameParser.TryParse(_buffered, _limit, out _, out _))
        {
            _completed = true;
            return false;
        }

        return true;
    }

    private bool AtEnd()
    {
        var torn = !_buffered.IsEmpty;
        _buffered = _buffered.Slice(_buffered.End);
        Release();
        return torn ? throw new FrameException("bad frame: the connection ended within it") : false;
    }
}
