namespace Warden.ConformanceTests.Wire;

/// <summary>
/// The encoding of messages, written for the suite alone: no line of it is shared with the server under test, so that a fault of one
/// codec cannot confirm itself.
/// </summary>
public static class WireCodec
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    /// <summary>Encodes a message; required fields are not checked, so that bad requests can be made.</summary>
    public static byte[] Encode(WireMessage message)
    {
        var output = new List<byte>();
        foreach (var field in message.Schema)
        {
            foreach (var value in message.Values(field))
            {
                if (field.IsNumber)
                {
                    AppendVarint(output, (ulong)((field.Number << 3) | Varint));
                    AppendVarint(output, (ulong)value);
                }
                else
                {
                    AppendBytes(output, field.Number, value as byte[] ?? Encode((WireMessage)value));
                }
            }
        }

        return [.. output];
    }

    /// <summary>Decodes a message and demands its required fields. Unknown fields are passed over.</summary>
    public static WireMessage Decode(string name, ReadOnlySpan<byte> data)
    {
        var message = new WireMessage(name);
        var rest = data;
        while (!rest.IsEmpty)
        {
            var tag = ReadVarint(ref rest);
            var field = message.Schema.FirstOrDefault(candidate => candidate.Number == (int)(tag >> 3));
            DecodeField(message, field, (int)(tag & 7), ref rest);
        }

        foreach (var field in message.Schema.Where(field => field.Rule == 'r' && message.Values(field).Count == 0))
        {
            throw new WireFormatException($"{name} came without its required field {field.Name}");
        }

        return message;
    }

    /// <summary>Appends a field of type bytes, string or message.</summary>
    public static void AppendBytes(List<byte> output, int number, ReadOnlySpan<byte> value)
    {
        AppendVarint(output, (ulong)((number << 3) | LengthDelimited));
        AppendVarint(output, (ulong)value.Length);
        output.AddRange(value);
    }

    public static void AppendVarint(List<byte> output, ulong value)
    {
        while (value > 0x7F)
        {
            output.Add((byte)(value | 0x80));
            value >>= 7;
        }

        output.Add((byte)value);
    }

    public static ulong ReadVarint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (var index = 0; index < 10; index++)
        {
            if (index == data.Length)
            {
                throw new WireFormatException("a number is cut off");
            }

            value |= (ulong)(data[index] & 0x7F) << (7 * index);
            if (data[index] < 0x80)
            {
                data = data[(index + 1)..];
                return value;
            }
        }

        throw new WireFormatException("a number has more than ten bytes");
    }

    public static ReadOnlySpan<byte> ReadBytes(ref ReadOnlySpan<byte> data)
    {
        var length = ReadVarint(ref data);
        if (length > (ulong)data.Length)
        {
            throw new WireFormatException($"a field of {length} bytes has only {data.Length}");
        }

        var value = data[..(int)length];
        data = data[(int)length..];
        return value;
    }

    private static void DecodeField(WireMessage message, WireField? field, int wireType, ref ReadOnlySpan<byte> rest)
    {
        switch (wireType)
        {
            case Varint:
                var number = ReadVarint(ref rest);
                if (field is { IsNumber: true })
                {
                    message.AddValue(field, number);
                }

                break;
            case LengthDelimited:
                var bytes = ReadBytes(ref rest);
                if (field is { IsText: true })
                {
                    message.AddValue(field, bytes.ToArray());
                }
                else if (field is { IsMessage: true })
                {
                    message.AddValue(field, Decode(field.Type, bytes));
                }
                else if (field is not null)
                {
                    throw new WireFormatException($"{message.Name}.{field.Name} is a number and came as bytes (packed)");
                }

                break;
            case Fixed64 when rest.Length >= 8:
                rest = rest[8..];
                break;
            case Fixed32 when rest.Length >= 4:
                rest = rest[4..];
                break;
            default:
                throw new WireFormatException($"{message.Name} has a field of wire type {wireType}");
        }
    }
}
