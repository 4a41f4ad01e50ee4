using System.Text;
using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Variables as declare -p and set write them.</summary>
internal static class Declarations
{
    private static readonly (VariableAttributes Attribute, char Letter)[] Table =
    [
        (VariableAttributes.Indexed, 'a'), (VariableAttributes.Associative, 'A'), (VariableAttributes.Integer, 'i'),
        (VariableAttributes.NameReference, 'n'), (VariableAttributes.ReadOnly, 'r'), (VariableAttributes.Trace, 't'),
        (VariableAttributes.Export, 'x'), (VariableAttributes.Lower, 'l'), (VariableAttributes.Upper, 'u'),
    ];

    public static string Letters(Variable variable) =>
        string.Concat(Table.Where(row => variable.Has(row.Attribute)).Select(static row => row.Letter));

    /// <summary>declare -x name="value".</summary>
    public static string Declare(Variable variable, string command = "declare")
    {
        var letters = Letters(variable);
        var head = $"{command} -{(letters.Length == 0 ? "-" : letters)} {variable.Name}";
        return head + Value(variable);
    }

    /// <summary>As ${name@A} writes it.</summary>
    public static string Assignment(Variable variable, bool scalar)
    {
        var letters = Letters(variable);
        if (scalar && variable.IsArray)
        {
            return $"declare -{letters} {variable.Name}{(variable.Value is null ? "" : "=" + Quoting.Single(variable.Value))}";
        }

        if (variable.IsArray)
        {
            return Declare(variable);
        }

        var assignment = $"{variable.Name}={Quoting.Single(variable.Scalar ?? "")}";
        return letters.Length == 0 ? assignment : $"declare -{letters} {assignment}";
    }

    /// <summary>name=value, as set without arguments lists it.</summary>
    public static string Plain(Variable variable) =>
        variable.IsArray ? variable.Name + Value(variable) : $"{variable.Name}={Quoting.WhereNeeded(variable.Scalar ?? "").Replace("''", "", StringComparison.Ordinal)}";

    private static string Value(Variable variable)
    {
        if (!variable.IsArray)
        {
            return variable.Scalar is null ? "" : "=" + Quoting.Double(variable.Scalar);
        }

        var text = new StringBuilder("=(");
        foreach (var (key, value) in variable.Elements())
        {
            var shown = variable.Associative is null ? key : QuoteKey(key);
            text.Append('[').Append(shown).Append("]=").Append(Quoting.Double(value)).Append(' ');
        }

        if (variable.Associative is null && text[^1] == ' ')
        {
            text.Length--;
        }

        return text.Append(')').ToString();
    }

    private static string QuoteKey(string key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"_./-:%+,=".Contains(c))
            {
                return Quoting.Double(key);
            }
        }

        return key.Length == 0 ? "\"\"" : key;
    }
}
