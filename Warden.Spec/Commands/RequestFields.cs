using System.Text;
using Google.Protobuf;

namespace Warden.Spec.Commands;

/// <summary>Reads the fields that travel as bytes and are text (protocol.md §1).</summary>
internal static class RequestFields
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a field.</summary>
    /// <exception cref="WardenException">It is not UTF-8.</exception>
    public static string Text(ByteString value, string field)
    {
        try
        {
            return Strict.GetString(value.Span);
        }
        catch (DecoderFallbackException exception)
        {
            throw new WardenException($"{field} is not valid UTF-8", exception);
        }
    }

    /// <summary>The text of a path, which ends at a NUL for the host.</summary>
    /// <exception cref="WardenException">It is not UTF-8, or holds a NUL.</exception>
    public static string Path(ByteString value, string field)
    {
        var text = Text(value, field);
        return text.Contains('\0') ? throw new WardenException($"{field} contains a NUL character") : text;
    }

    /// <summary>A port, 1 to 65535.</summary>
    public static int Port(uint value, string field) =>
        value is > 0 and <= 65535 ? (int)value : throw new WardenException($"{field} must be from 1 to 65535, not {value}");
}
