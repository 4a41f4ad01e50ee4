using System.Buffers;
using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture;

/// <summary>What a server answered.</summary>
/// <param name="Row">The command; null for an Error.</param>
/// <param name="Message">The response.</param>
internal sealed record Answer(CommandRow? Row, IMessage Message)
{
    /// <summary>What failed, or null.</summary>
    public ErrorResponse? Error => Message as ErrorResponse;

    /// <summary>Whether more answers to the same request follow.</summary>
    public bool IsContinued => Message is StreamResponse { HasExitStatus: false };

    /// <summary>The answer that a frame's payload is.</summary>
    /// <exception cref="FrameException">It is none.</exception>
    public static Answer Decode(in ReadOnlySequence<byte> payload)
    {
        var frame = MessageEnvelope.Parse(payload);
        var row = CommandCatalogue.Find(frame.Type);
        if (row is null && frame.Type != (int)Protocol.Message.Types.Type.Error)
        {
            throw new FrameException($"bad message: there is no answer of type {frame.Type}");
        }

        try
        {
            return new Answer(row, (row?.ResponseParser ?? ErrorResponse.Parser).ParseFrom(frame.Payload));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FrameException($"bad message: the payload cannot be decoded as {row?.Response.Name ?? nameof(ErrorResponse)}", e);
        }
    }
}
