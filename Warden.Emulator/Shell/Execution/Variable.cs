namespace Warden.Emulator.Shell.Execution;

/// <summary>The attributes of declare.</summary>
[Flags]
internal enum VariableAttributes
{
    None = 0, Export = 1, ReadOnly = 2, Integer = 4, Lower = 8, Upper = 16, NameReference = 32, Indexed = 64, Associative = 128, Trace = 256,
}

/// <summary>A variable of the shell.</summary>
internal sealed class Variable(string name)
{
    public string Name { get; } = name;

    public VariableAttributes Attributes { get; set; }

    /// <summary>The value of a scalar; null while unset.</summary>
    public string? Scalar { get; set; }

    public SortedDictionary<long, string>? Indexed { get; set; }

    public Dictionary<string, string>? Associative { get; set; }

    public bool IsArray => Indexed is not null || Associative is not null;

    /// <summary>The value that $name has: element 0 of an array.</summary>
    public string? Value => Indexed is not null
        ? Indexed.GetValueOrDefault(0)
        : Associative is not null ? Associative.GetValueOrDefault("0") : Scalar;

    public bool Has(VariableAttributes attribute) => (Attributes & attribute) != 0;

    /// <summary>The elements in the order in which bash lists them.</summary>
    public IEnumerable<KeyValuePair<string, string>> Elements()
    {
        if (Indexed is not null)
        {
            foreach (var (index, value) in Indexed)
            {
                yield return new(index.ToString(), value);
            }
        }
        else if (Associative is not null)
        {
            foreach (var key in AssociativeOrder.Sort(Associative.Keys))
            {
                yield return new(key, Associative[key]);
            }
        }
        else if (Scalar is not null)
        {
            yield return new("0", Scalar);
        }
    }

    public Variable Clone() => new(Name)
    {
        Attributes = Attributes,
        Scalar = Scalar,
        Indexed = Indexed is null ? null : new(Indexed),
        Associative = Associative is null ? null : new(Associative),
    };
}
