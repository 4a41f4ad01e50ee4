using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Warden.Spec.Client.V1;

/// <summary>Messages as plain values.</summary>
internal static class V1Values
{
    /// <summary>A dictionary of the fields that are set.</summary>
    internal static object Of(IMessage message)
    {
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsRepeated)
            {
                values[field.Name] = ((IEnumerable)field.Accessor.GetValue(message)).Cast<object>().Select(Of).ToArray();
            }
            else if (field.Accessor.HasValue(message))
            {
                values[field.Name] = Of(field.Accessor.GetValue(message));
            }
        }

        return values;
    }

    private static object? Of(object value) => value switch
    {
        IMessage message => Of(message),
        ByteString bytes => bytes.ToStringUtf8(),
        _ => value,
    };
}
