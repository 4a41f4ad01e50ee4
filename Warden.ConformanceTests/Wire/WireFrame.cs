using System.Text;

namespace Warden.ConformanceTests.Wire;

/// <summary>Frames, as protocol.md §1 has them: the length in decimal, CR LF, the payload, CR LF.</summary>
public static class WireFrame
{
    /// <summary>A frame around any payload.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes($"{payload.Length}\r\n"), .. payload, (byte)'\r', (byte)'\n'];

    /// <summary>The envelope of a type and an inner payload.</summary>
    public static byte[] Envelope(int type, ReadOnlySpan<byte> payload)
    {
        var output = new List<byte>();
        WireCodec.AppendVarint(output, 1 << 3);
        WireCodec.AppendVarint(output, (ulong)type);
        WireCodec.AppendBytes(output, 2, payload);
        return [.. output];
    }

    /// <summary>A request's whole frame.</summary>
    public static byte[] Request(string command, params (string Field, object? Value)[] fields) =>
        Message(WireSchema.Types[command], new WireMessage(command + "Request", fields));

    /// <summary>The whole frame of a message.</summary>
    public static byte[] Message(int type, WireMessage message) => Wrap(Envelope(type, WireCodec.Encode(message)));

    /// <summary>Takes the envelope of a Response apart, or that of a Request.</summary>
    public static WireReply Open(ReadOnlySpan<byte> envelope, string kind = "Response")
    {
        int? type = null;
        byte[]? payload = null;
        while (!envelope.IsEmpty)
        {
            var tag = WireCodec.ReadVarint(ref envelope);
            switch (tag)
            {
                case 1 << 3:
                    type = (int)WireCodec.ReadVarint(ref envelope);
                    break;
                case (2 << 3) | 2:
                    payload = WireCodec.ReadBytes(ref envelope).ToArray();
                    break;
                default:
                    throw new WireFormatException($"an envelope has the tag {tag}");
            }
        }

        if (type is not { } number || payload is null || !WireSchema.Names.TryGetValue(number, out var command))
        {
            throw new WireFormatException($"an envelope of type {type} with {(payload is null ? "no" : "a")} payload");
        }

        return new WireReply(command, WireCodec.Decode(command + kind, payload));
    }
}
