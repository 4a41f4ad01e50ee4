using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec.Commands;

namespace Warden.Spec.Cli;

/// <summary>
/// Reads a request from flags: <c>--FIELD VALUE</c>, <c>--A.B VALUE</c> for a nested field, <c>--A[0].B VALUE</c> for a repeated one, a
/// boolean without a value, an enum by name (protocol.md §7). What may be said comes from the message's definition.
/// </summary>
internal static class FlagFields
{
    internal const string Prefix = "--";

    internal const string HelpFlag = "--help";

    /// <param name="row">The command.</param>
    /// <param name="flags">The words behind its name.</param>
    /// <exception cref="CommandLineException">A flag or value that the request does not have, or a required one is missing.</exception>
    internal static IMessage Parse(CommandRow row, IReadOnlyList<string> flags)
    {
        IMessage request = New(row.Request);
        for (int i = 0; i < flags.Count; i++)
        {
            string flag = flags[i];
            if (!flag.StartsWith(Prefix, StringComparison.Ordinal) || flag.Length == Prefix.Length)
            {
                throw new CommandLineException($"{row.Name}: expected --FIELD, not '{flag}'");
            }

            string path = flag[Prefix.Length..];
            string? value = null;
            int equals = path.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                value = path[(equals + 1)..];
                path = path[..equals];
            }

            Slot slot = Find(request, path, row.Name);
            if (value is null && slot.Field.FieldType == FieldType.Bool && (i + 1 == flags.Count || flags[i + 1] is not ("true" or "false")))
            {
                value = "true";
            }
            else if (value is null && ++i < flags.Count)
            {
                value = flags[i];
            }

            if (value is null)
            {
                throw new CommandLineException($"{row.Name}: --{path} needs a value");
            }

            slot.Field.Accessor.SetValue(slot.Message, Convert(slot.Field, value, row.Name, path));
        }

        CheckRequired(request, string.Empty, row.Name);
        return request;
    }

    private static IMessage New(MessageDescriptor descriptor) => descriptor.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);

    private static Slot Find(IMessage request, string path, string command)
    {
        IMessage message = request;
        string[] steps = path.Split('.');
        for (int i = 0; ; i++)
        {
            string name = steps[i];
            int? index = null;
            int bracket = name.IndexOf('[', StringComparison.Ordinal);
            if (bracket >= 0)
            {
                index = name.EndsWith(']')
                    && int.TryParse(name.AsSpan(bracket + 1, name.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture, out int at)
                    ? at
                    : throw new CommandLineException($"{command}: --{path} has no index in its brackets");
                name = name[..bracket];
            }

            FieldDescriptor? field = message.Descriptor.FindFieldByName(name);
            bool last = i == steps.Length - 1;
            if (field is null || last == (field.FieldType == FieldType.Message) || (last && field.IsRepeated) || field.IsRepeated != index.HasValue)
            {
                throw new CommandLineException($"{command}: there is no flag --{path}; '{command} --help' names them");
            }

            if (last)
            {
                return new Slot(message, field);
            }

            message = Enter(message, field, index, $"{command}: --{path}");
        }
    }

    private static IMessage Enter(IMessage message, FieldDescriptor field, int? index, string where)
    {
        if (index is { } at)
        {
            IList list = (IList)field.Accessor.GetValue(message);
            if (at == list.Count)
            {
                list.Add(New(field.MessageType));
            }

            return at < list.Count
                ? (IMessage)list[at]!
                : throw new CommandLineException($"{where}: {field.Name}[{list.Count}] comes first");
        }

        if (field.Accessor.GetValue(message) is not IMessage inner)
        {
            inner = New(field.MessageType);
            field.Accessor.SetValue(message, inner);
        }

        return inner;
    }

    private static object Convert(FieldDescriptor field, string value, string command, string path)
    {
        object? converted = field.FieldType switch
        {
            FieldType.Bytes => ByteString.CopyFromUtf8(value),
            FieldType.String => value,
            FieldType.UInt32 => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null,
            FieldType.UInt64 => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null,
            FieldType.Int32 => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null,
            FieldType.Bool => value is "true" ? true : value is "false" ? false : null,
            FieldType.Enum => EnumNumber(field.EnumType, value),
            _ => null,
        };
        return converted ?? throw new CommandLineException($"{command}: --{path} takes {FieldKinds.Describe(field)}, not '{value}'");
    }

    private static int? EnumNumber(EnumDescriptor type, string value)
    {
        foreach (EnumValueDescriptor candidate in type.Values)
        {
            if (string.Equals(candidate.Name, value, StringComparison.OrdinalIgnoreCase))
            {
                return candidate.Number;
            }
        }

        return null;
    }

    private static void CheckRequired(IMessage message, string prefix, string command)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsRequired && !field.Accessor.HasValue(message))
            {
                throw new CommandLineException($"{command}: --{prefix}{field.Name} is required");
            }

            if (field.FieldType == FieldType.Message && field.IsRepeated)
            {
                IList list = (IList)field.Accessor.GetValue(message);
                for (int i = 0; i < list.Count; i++)
                {
                    CheckRequired((IMessage)list[i]!, $"{prefix}{field.Name}[{i}].", command);
                }
            }
        }
    }

    private readonly record struct Slot(IMessage Message, FieldDescriptor Field);
}
