using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Compares answers with a transcript: names such as $H1 take the value of their first appearance.</summary>
public sealed class TranscriptComparison(string temporaryDirectory, bool isAlone)
{
    private readonly Dictionary<string, JsonNode> _names = [];

    /// <summary>Where the transcript is, for failures.</summary>
    public string Step { get; set; } = "";

    /// <summary>A request's fields with the names replaced by what they stand for.</summary>
    public JsonElement Resolve(JsonElement fields) => JsonSerializer.SerializeToElement(Resolve(JsonNode.Parse(fields.GetRawText())));

    public void ExpectError(string expected, WireReply reply)
    {
        Assert.True(reply.IsError, $"{Step}: {reply.Message}");
        if (expected == "(any error)")
        {
            Assert.True(reply.Error.Length > 0, $"{Step}: an Error without a text");
        }
        else
        {
            Assert.Equal(expected, reply.Error);
        }
    }

    /// <summary>The fields shown are there with these values, and no other is set.</summary>
    public void Expect(JsonElement expected, WireMessage actual)
    {
        // A port is another one in every answer, the same one within it.
        _names.Remove("$PORT");
        var shown = expected.EnumerateObject()
            .Where(property => property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() > 0)
            .ToDictionary(property => property.Name, property => property.Value);
        Assert.True(
            shown.Keys.Order().SequenceEqual(actual.Present.Where(IsJudged).Order()),
            $"{Step}: the fields are {string.Join(", ", actual.Present)}: {actual}");
        foreach (var (name, value) in shown)
        {
            var values = actual.Values(name);
            var wanted = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
            Assert.True(wanted.Count == values.Count, $"{Step}: {name} of {actual}");
            for (var index = 0; index < wanted.Count; index++)
            {
                ExpectValue(name, wanted[index], values[index]);
            }
        }
    }

    /// <summary>A server with quotas tells of disk space where the recorded one did not.</summary>
    private bool IsJudged(string field) =>
        isAlone || (field != "disk_stat" && !field.StartsWith("block", StringComparison.Ordinal) && !field.StartsWith("byte", StringComparison.Ordinal)
            && !field.StartsWith("inode", StringComparison.Ordinal));

    private void ExpectValue(string name, JsonElement expected, object actual)
    {
        if (expected.ValueKind == JsonValueKind.Number)
        {
            Assert.True(expected.GetUInt64() == (ulong)actual, $"{Step}: {name} is {actual}");
            return;
        }

        var text = expected.GetString()!;
        if (text is "present" or "(any)")
        {
            return;
        }

        JsonNode value = actual is ulong number ? JsonValue.Create(number) : JsonValue.Create(System.Text.Encoding.UTF8.GetString((byte[])actual));
        if (text.StartsWith('$') && !text.Contains('/', StringComparison.Ordinal))
        {
            if (!_names.TryAdd(text, value))
            {
                Assert.True(JsonNode.DeepEquals(_names[text], value), $"{Step}: {name} is {value}, and {text} is {_names[text]}");
            }

            return;
        }

        Assert.True(WithoutDirectoryLinks(Paths(text)) == WithoutDirectoryLinks(value.GetValue<string>()), $"{Step}: {name} is {value.ToJsonString()}");
    }

    private JsonNode? Resolve(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Resolve(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Resolve)]),
        JsonValue value when value.TryGetValue<string>(out var text) =>
            _names.TryGetValue(text, out var known) ? known.DeepClone() : JsonValue.Create(Paths(text)),
        _ => node?.DeepClone(),
    };

    /// <summary>A listing by find without the count of links of its directories, which is their file system's affair: btrfs has always 1.</summary>
    private static string WithoutDirectoryLinks(string text) => Regex.Replace(text, @"(?m)^(\S+ d \d+  \S+) \d+$", "$1");

    private string Paths(string text) => text.Replace("$TMP", temporaryDirectory, StringComparison.Ordinal);
}
