using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Warden.Spec.Cli;

/// <summary>
/// A message as lines <c>field : value</c>, with <c>a.b</c> for nested fields and <c>a[0]</c> for repeated ones. Bytes stay as they
/// are: a job's output may be no text.
/// </summary>
internal static class FieldLines
{
    internal static ReadOnlyMemory<byte> Of(IMessage message)
    {
        ArrayBufferWriter<byte> lines = new();
        Write(lines, message, string.Empty);
        return lines.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> lines, IMessage message, string prefix)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsRepeated)
            {
                int index = 0;
                foreach (object item in (IList)field.Accessor.GetValue(message))
                {
                    Write(lines, field, item, string.Create(CultureInfo.InvariantCulture, $"{prefix}{field.Name}[{index++}]"));
                }
            }
            else if (field.Accessor.HasValue(message))
            {
                Write(lines, field, field.Accessor.GetValue(message), prefix + field.Name);
            }
        }
    }

    private static void Write(ArrayBufferWriter<byte> lines, FieldDescriptor field, object value, string path)
    {
        if (value is IMessage inner)
        {
            Write(lines, inner, path + ".");
            return;
        }

        Encoding.UTF8.GetBytes(path, lines);
        lines.Write(" : "u8);
        if (value is ByteString bytes)
        {
            lines.Write(bytes.Span);
        }
        else
        {
            Encoding.UTF8.GetBytes(Text(field, value), lines);
        }

        lines.Write("\n"u8);
    }

    private static string Text(FieldDescriptor field, object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        _ when field.FieldType == FieldType.Enum =>
            field.EnumType.FindValueByNumber(System.Convert.ToInt32(value, CultureInfo.InvariantCulture))?.Name ?? $"{value}",
        _ => System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
