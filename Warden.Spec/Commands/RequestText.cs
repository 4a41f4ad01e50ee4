using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Warden.Spec.Commands;

/// <summary>Writes a request for the log, without the fields that are never logged.</summary>
internal static class RequestText
{
    public static string Describe(CommandRow row, IMessage request)
    {
        var text = new StringBuilder();
        Write(text, request, row.SecretFields);
        return text.ToString();
    }

    private static void Write(StringBuilder text, IMessage message, IReadOnlyList<string> secrets)
    {
        text.Append('{');
        var separator = " ";
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!field.IsRepeated && !field.Accessor.HasValue(message))
            {
                continue;
            }

            text.Append(separator).Append(field.Name).Append(": ");
            separator = ", ";
            if (secrets.Contains(field.Name))
            {
                text.Append("(not logged)");
            }
            else if (field.IsRepeated)
            {
                text.Append('[');
                foreach (var item in (System.Collections.IEnumerable)field.Accessor.GetValue(message))
                {
                    WriteValue(text, item);
                }

                text.Append(']');
            }
            else
            {
                WriteValue(text, field.Accessor.GetValue(message));
            }
        }

        text.Append(" }");
    }

    private static void WriteValue(StringBuilder text, object value)
    {
        switch (value)
        {
            case IMessage message:
                Write(text, message, []);
                break;
            case ByteString bytes:
                text.Append('"').Append(Encoding.UTF8.GetString(bytes.Span)).Append('"');
                break;
            default:
                text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
