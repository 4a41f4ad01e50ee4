using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>The frame of a recorded request.</summary>
internal static class RequestFrame
{
    /// <summary>The request that a line tells, with what the server of the replay calls things.</summary>
    /// <exception cref="FormatException">The line tells none.</exception>
    public static IMessage Read(CommandRow row, JsonElement line, LearntNames names) =>
        line.TryGetProperty("fields", out var fields)
            ? new RequestReader(names).Read(row.Request, fields)
            : row.RequestParser.ParseFrom(ReadOnlySpan<byte>.Empty);

    /// <summary>The bytes to send: where the client encoded the request in its own way, and no name in it has changed, the client's.</summary>
    public static ReadOnlyMemory<byte> Encode(CommandRow row, IMessage message, JsonElement line)
    {
        if (line.TryGetProperty("encoded", out var encoded) && message.Equals(Read(row, line, new LearntNames())))
        {
            var envelope = new Message { Type = row.Type, Payload = UnsafeByteOperations.UnsafeWrap(encoded.GetBytesFromBase64()) }.ToByteArray();
            var length = Encoding.ASCII.GetBytes(envelope.Length.ToString(CultureInfo.InvariantCulture));
            return (byte[])[.. length, .. "\r\n"u8, .. envelope, .. "\r\n"u8];
        }

        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.Write(frame, row.Type, message);
        return frame.WrittenMemory;
    }
}
