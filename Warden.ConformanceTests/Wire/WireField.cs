namespace Warden.ConformanceTests.Wire;

/// <summary>One field of a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Rule">'r' required, 'o' optional, '*' repeated.</param>
/// <param name="Type">string, u32, u64, i32, bool, enum, or a message's name.</param>
public sealed record WireField(string Name, int Number, char Rule, string Type)
{
    public bool IsText => Type == "string";

    public bool IsNumber => Type is "u32" or "u64" or "i32" or "bool" or "enum";

    public bool IsMessage => !IsText && !IsNumber;

    public bool IsRepeated => Rule == '*';
}
