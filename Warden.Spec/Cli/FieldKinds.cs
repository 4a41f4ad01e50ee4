using Google.Protobuf.Reflection;

namespace Warden.Spec.Cli;

/// <summary>What a field takes, in words for help and errors.</summary>
internal static class FieldKinds
{
    /// <summary>For a sentence.</summary>
    internal static string Describe(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.UInt32 => $"a number from 0 to {uint.MaxValue}",
        FieldType.UInt64 => $"a number from 0 to {ulong.MaxValue}",
        FieldType.Int32 => $"a number from {int.MinValue} to {int.MaxValue}",
        FieldType.Bool => "true or false",
        FieldType.Enum => string.Join(" or ", field.EnumType.Values.Select(static value => value.Name)),
        _ => "a text",
    };

    /// <summary>For a column of help; empty for a field that needs no value.</summary>
    internal static string Placeholder(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => string.Empty,
        FieldType.Enum => string.Join('|', field.EnumType.Values.Select(static value => value.Name)),
        FieldType.UInt32 or FieldType.UInt64 or FieldType.Int32 => "NUMBER",
        _ => "TEXT",
    };

    /// <summary>Every flag of a message, nested ones written out.</summary>
    /// <param name="message">The message's definition.</param>
    /// <param name="index">What stands in the brackets of repeated fields.</param>
    internal static IEnumerable<(string Path, FieldDescriptor Field)> Flags(MessageDescriptor message, string index)
    {
        foreach (FieldDescriptor field in message.Fields.InFieldNumberOrder())
        {
            string name = field.IsRepeated ? $"{field.Name}[{index}]" : field.Name;
            if (field.FieldType != FieldType.Message)
            {
                yield return (name, field);
                continue;
            }

            foreach ((string path, FieldDescriptor inner) in Flags(field.MessageType, index))
            {
                yield return ($"{name}.{path}", inner);
            }
        }
    }
}
