using System.Text;

namespace Warden.Emulator.Machine;

/// <summary>
/// Text of the emulated machine. File names, arguments, variables and lines are bytes there, and are kept in .NET strings of which
/// every character is one byte (0–255). Nothing is lost, and string operations work byte by byte, as they do in the C locale.
/// </summary>
public static class ByteText
{
    /// <summary>The string whose characters are these bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>The bytes that the string's characters are.</summary>
    public static byte[] ToBytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>From a text of the host (a path, a handle), through UTF-8.</summary>
    public static string FromHost(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>To a text of the host, through UTF-8; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string ToHost(string text) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));
}
