using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>An argument name[subscript]+=value of a declaration.</summary>
internal sealed record DeclarationArgument(string Name, string? Subscript, bool Append, string? Value)
{
    public static DeclarationArgument Parse(string text)
    {
        var at = 0;
        while (at < text.Length && Names.IsNameCharacter(text[at]))
        {
            at++;
        }

        var name = text[..at];
        string? subscript = null;
        if (at < text.Length && text[at] == '[' && text.IndexOf(']', at) is var close && close > 0)
        {
            subscript = text[(at + 1)..close];
            at = close + 1;
        }

        if (at == text.Length)
        {
            return new(name, subscript, false, null);
        }

        var append = text[at] == '+' && at + 1 < text.Length && text[at + 1] == '=';
        if (append || text[at] == '=')
        {
            return new(name, subscript, append, text[(at + (append ? 2 : 1))..]);
        }

        return new(text, null, false, null);
    }

    public static bool IsCompound(string value) => value.Length > 1 && value[0] == '(' && value[^1] == ')';
}
