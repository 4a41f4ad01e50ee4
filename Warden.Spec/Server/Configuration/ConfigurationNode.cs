namespace Warden.Spec.Server.Configuration;

/// <summary>A value of the file with its place and its path.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Path">The path, such as <c>network.dns_servers[1]</c>; empty for the whole file.</param>
internal abstract record ConfigurationNode(int Line, string Path)
{
    /// <summary>What an error says was found.</summary>
    public abstract string Description { get; }
}

/// <summary>A single value.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Path">The path.</param>
/// <param name="Text">The text.</param>
/// <param name="Plain">Whether it stands without quotes, so that it may be another thing than a string.</param>
internal sealed record ScalarNode(int Line, string Path, string Text, bool Plain) : ConfigurationNode(Line, Path)
{
    public bool IsNull => Plain && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Description => IsNull ? "null"
        : !Plain ? $"the string \"{Text}\""
        : YamlScalars.TryInteger(Text, out _) ? $"the integer {Text}"
        : YamlScalars.TryNumber(Text, out _) ? $"the number {Text}"
        : YamlScalars.TryBoolean(Text, out _) ? $"the boolean {Text}"
        : $"the string \"{Text}\"";
}

/// <summary>A list.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Path">The path.</param>
/// <param name="Items">The values.</param>
internal sealed record ListNode(int Line, string Path, IReadOnlyList<ConfigurationNode> Items) : ConfigurationNode(Line, Path)
{
    public override string Description => "a list";
}

/// <summary>A mapping.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Path">The path.</param>
/// <param name="Entries">The keys with their lines, in order.</param>
internal sealed record MapNode(int Line, string Path, IReadOnlyList<MapEntry> Entries) : ConfigurationNode(Line, Path)
{
    public override string Description => "a mapping";
}

/// <summary>A key and its value.</summary>
/// <param name="Line">The key's line.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
internal sealed record MapEntry(int Line, string Key, ConfigurationNode Value);
