namespace Warden.Emulator.Programs;

/// <summary>What a name of awk holds: a value or an array. A parameter that is not yet either shares the array of its argument.</summary>
internal sealed class AwkCell(AwkCell? argument = null)
{
    private Dictionary<string, AwkValue>? _array;

    public AwkValue Value { get; set; }

    public bool IsArray => _array is not null;

    public Dictionary<string, AwkValue> Array => _array ??= argument?.Array ?? new Dictionary<string, AwkValue>(StringComparer.Ordinal);
}

/// <summary>Control flow that leaves statements.</summary>
internal enum AwkFlow
{
    Normal,
    Break,
    Continue,
    Next,
    NextFile,
    Exit,
    Return,
}
