using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Server.Connections;

/// <summary>Makes a request of what a frame carried.</summary>
internal static class RequestDecoder
{
    /// <summary>The command and its request.</summary>
    /// <exception cref="FrameException">There is no such command, or the payload is no request of it (protocol.md §1).</exception>
    public static CommandRow Decode(in Frame frame, out IMessage request)
    {
        var row = CommandCatalogue.Find(frame.Type) ?? throw new FrameException($"bad message: there is no request of type {frame.Type}");
        try
        {
            request = row.RequestParser.ParseFrom(frame.Payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FrameException($"bad message: the payload cannot be decoded as {row.Request.Name}", e);
        }

        return row.MissingField(request) is { } field
            ? throw new FrameException($"bad message: the required field {field} of {row.Request.Name} is missing")
            : row;
    }
}
