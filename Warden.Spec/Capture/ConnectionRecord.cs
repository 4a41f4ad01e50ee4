using System.Buffers;
using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Connections;

namespace Warden.Spec.Capture;

/// <summary>What is known of one connection while its bytes become lines of the transcript. Not for concurrent use.</summary>
/// <param name="name">The connection's name in the transcript.</param>
/// <param name="lines">The transcript.</param>
internal sealed class ConnectionRecord(string name, TranscriptLines lines)
{
    private readonly FrameSplitter _requests = new();
    private readonly FrameSplitter _answers = new();
    private readonly Queue<(string Command, long At)> _waiting = new();
    private bool _closed;

    /// <summary>The connection was opened.</summary>
    public void Opened(long at, DateTimeOffset time) => lines.Add(at, name, json => json.WriteString("open", time));

    /// <summary>The server took no connection.</summary>
    public void Refused(long at, string reason) => lines.Add(at, name, json => json.WriteString("refused", reason));

    /// <summary>Bytes came.</summary>
    public void Received(long at, Party from, ReadOnlySpan<byte> bytes)
    {
        // What was on its way when one side had gone reaches nobody.
        if (_closed)
        {
            return;
        }

        var frames = from == Party.Client ? _requests : _answers;
        frames.Append(bytes);
        while (frames.TryTake(out var piece))
        {
            Write(at, from, piece);
        }
    }

    /// <summary>A party sends no more.</summary>
    public void Ended(long at, Party who)
    {
        if (!_closed)
        {
            WriteRest(at, who);
            lines.Add(at, name, json => json.WriteString("end", Name(who)));
        }
    }

    /// <summary>The connection is over.</summary>
    public void Closed(long at, Party who)
    {
        _closed = true;
        WriteRest(at, Party.Client);
        WriteRest(at, Party.Server);
        lines.Add(at, name, json => json.WriteString("close", Name(who)));
    }

    private static string Name(Party party) => party switch
    {
        Party.Client => "client",
        Party.Server => "server",
        _ => "capture",
    };

    private void WriteRest(long at, Party from)
    {
        if ((from == Party.Client ? _requests : _answers).TryTakeRest(out var piece))
        {
            WriteBytes(at, from, piece.Bytes, piece.Because);
        }
    }

    private void Write(long at, Party from, in Piece piece)
    {
        if (piece.Payload is not { } payload)
        {
            WriteBytes(at, from, piece.Bytes, piece.Because);
            return;
        }

        try
        {
            if (from == Party.Client)
            {
                WriteRequest(at, payload);
            }
            else
            {
                WriteAnswer(at, Answer.Decode(payload));
            }
        }
        catch (FrameException e)
        {
            WriteBytes(at, from, piece.Bytes, e.Message);
        }
    }

    private void WriteRequest(long at, in ReadOnlySequence<byte> payload)
    {
        var frame = MessageEnvelope.Parse(payload);
        var row = RequestDecoder.Decode(frame, out var request);
        var command = CommandNames.Of(row);
        var encoded = frame.Payload.IsSingleSegment ? frame.Payload.First : frame.Payload.ToArray();
        _waiting.Enqueue((command, at));
        lines.Add(at, name, json =>
        {
            json.WriteString("sent", command);
            if (row.Request.Fields.InFieldNumberOrder().Any(field => TranscriptFields.IsSet(request, field)))
            {
                json.WritePropertyName("fields");
                TranscriptFields.Write(json, request);
            }

            if (!IsOwnEncoding(row, encoded.Span))
            {
                json.WriteBase64String("encoded", encoded.Span);
            }
        });
    }

    // Unknown fields, another order, a text that is no UTF-8: what the fields that are shown do not say.
    private static bool IsOwnEncoding(CommandRow row, ReadOnlySpan<byte> encoded) =>
        row.RequestParser.WithDiscardUnknownFields(true).ParseFrom(encoded).ToByteArray().AsSpan().SequenceEqual(encoded);

    private void WriteAnswer(long at, Answer answer)
    {
        var waiting = _waiting.TryPeek(out var request);
        if (waiting && !answer.IsContinued)
        {
            _waiting.Dequeue();
        }

        lines.Add(at, name, json =>
        {
            json.WriteString("then", answer.Row is { } row ? CommandNames.Of(row) : waiting ? request.Command : CommandNames.Error);
            if (waiting)
            {
                lines.WriteSeconds(json, "took", request.At, at);
            }

            if (answer.Error is { } error)
            {
                json.WritePropertyName("error");
                TranscriptText.Write(json, System.Text.Encoding.UTF8.GetBytes(error.Message));
            }
            else
            {
                json.WritePropertyName("response");
                TranscriptFields.Write(json, answer.Message);
            }
        });
    }

    private void WriteBytes(long at, Party from, ReadOnlyMemory<byte> bytes, string? because) => lines.Add(at, name, json =>
    {
        json.WritePropertyName(from == Party.Client ? "client bytes" : "server bytes");
        TranscriptText.Write(json, bytes.Span);
        if (because is not null)
        {
            json.WriteString("because", because);
        }
    });
}

/// <summary>Who does something to a connection.</summary>
internal enum Party
{
    /// <summary>The client.</summary>
    Client,

    /// <summary>The server.</summary>
    Server,

    /// <summary>The capture itself, which ends.</summary>
    Capture,
}
