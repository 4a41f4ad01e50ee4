using System.Text.Json;
using Warden.ConformanceTests.Wire;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Fields as the vectors write them, turned into messages of the suite's codec.</summary>
public static class JsonFields
{
    public static WireMessage ToMessage(string name, JsonElement fields)
    {
        var message = new WireMessage(name);
        foreach (var property in fields.EnumerateObject())
        {
            var field = message.Schema.First(candidate => candidate.Name == property.Name);
            message.Add(field.Name, ToValue(field, property.Value));
        }

        return message;
    }

    private static object ToValue(WireField field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Select(item => ToValue(field, item)).ToList(),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out var signed) ? signed : value.GetUInt64(),
        JsonValueKind.Object when field.IsText => Convert.FromHexString(value.GetProperty("hex").GetString()!),
        JsonValueKind.Object => ToMessage(field.Type, value),
        _ => throw new FormatException($"{field.Name} is {value}"),
    };
}
