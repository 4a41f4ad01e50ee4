using System.Globalization;
using System.Text;

namespace Warden.ConformanceTests.Wire;

/// <summary>
/// A message as the suite sees it: named values of the schema. Text is kept as bytes, numbers as <see cref="ulong"/>.
/// </summary>
public sealed class WireMessage
{
    private static readonly UTF8Encoding Strict = new(false, true);
    private readonly SortedDictionary<int, List<object>> _values = [];

    public WireMessage(string name, params (string Field, object? Value)[] fields)
    {
        Name = name;
        Schema = WireSchema.Fields[name];
        foreach (var (field, value) in fields)
        {
            Add(field, value);
        }
    }

    public string Name { get; }

    public IReadOnlyList<WireField> Schema { get; }

    /// <summary>The names of the fields that are set, in the order of their numbers.</summary>
    public IEnumerable<string> Present => _values.Select(pair => Schema.First(candidate => candidate.Number == pair.Key).Name);

    /// <summary>Adds a value: text, bytes, a number, a bool, a message, or a sequence of those for a repeated field; null adds nothing.</summary>
    public WireMessage Add(string field, object? value)
    {
        var definition = Field(field);
        switch (value)
        {
            case null:
                break;
            case string text:
                AddValue(definition, Encoding.UTF8.GetBytes(text));
                break;
            case byte[] or WireMessage:
                AddValue(definition, value);
                break;
            case bool flag:
                AddValue(definition, flag ? 1UL : 0UL);
                break;
            case int or long or short or sbyte:
                AddValue(definition, unchecked((ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture)));
                break;
            case uint or ulong or ushort or byte:
                AddValue(definition, Convert.ToUInt64(value, CultureInfo.InvariantCulture));
                break;
            case System.Collections.IEnumerable values:
                foreach (var item in values)
                {
                    Add(field, item);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no value of a message", nameof(value));
        }

        return this;
    }

    public bool Has(string field) => _values.ContainsKey(Field(field).Number);

    public byte[] Bytes(string field) => (byte[])Single(field);

    /// <summary>The text of a field; bytes that are no UTF-8 are a failure of the test.</summary>
    public string Text(string field) => Strict.GetString(Bytes(field));

    public ulong Number(string field) => (ulong)Single(field);

    public WireMessage Message(string field) => (WireMessage)Single(field);

    public IReadOnlyList<string> Texts(string field) => [.. Values(field).Select(value => Strict.GetString((byte[])value))];

    public IReadOnlyList<ulong> Numbers(string field) => [.. Values(field).Cast<ulong>()];

    public IReadOnlyList<object> Values(string field) =>
        _values.TryGetValue(Field(field).Number, out var values) ? values : [];

    public override string ToString() => Name + " {" + string.Join(", ", Present.Select(name => $"{name}: {Show(name)}")) + "}";

    internal IReadOnlyList<object> Values(WireField field) => _values.TryGetValue(field.Number, out var values) ? values : [];

    internal void AddValue(WireField field, object value)
    {
        if (!_values.TryGetValue(field.Number, out var values))
        {
            _values[field.Number] = values = [];
        }

        // The last value of a field that is not repeated wins, as protobuf's encoding says.
        if (!field.IsRepeated)
        {
            values.Clear();
        }

        values.Add(value);
    }

    private WireField Field(string name) =>
        Schema.FirstOrDefault(field => field.Name == name) ?? throw new ArgumentException($"{Name} has no field {name}", nameof(name));

    private object Single(string field) =>
        _values.TryGetValue(Field(field).Number, out var values)
            ? values[0]
            : throw new WireFormatException($"{Name} came without {field}: {this}");

    private string Show(string field) => string.Join("|", Values(field).Select(value => value switch
    {
        byte[] bytes => "\"" + Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 200)) + "\"",
        _ => value.ToString(),
    }));
}
