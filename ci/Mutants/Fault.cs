namespace Warden.Mutants;

/// <summary>A fault that can be woven into the source, switched on by WARDEN_MUTANT=Id at run time.</summary>
/// <param name="Id">Such as "F01" for a written fault or "D01" for a drawn one.</param>
/// <param name="File">The source file, relative to the repository.</param>
/// <param name="Start">Where the replaced text starts.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Replacement">What stands there instead: both variants, and the switch between them.</param>
/// <param name="Description">What the fault does.</param>
internal sealed record Fault(string Id, string File, int Start, int Length, string Replacement, string Description)
{
    /// <summary>The expression that is true when a fault is on.</summary>
    public static string Switch(string id) => $"global::Warden.Spec.Mutant.Is(\"{id}\")";

    /// <summary>An expression with its faulty variant.</summary>
    public static string OfExpression(string id, string original, string faulty) => $"({Switch(id)} ? ({faulty}) : ({original}))";

    /// <summary>A statement with its faulty variant; an empty one leaves the statement out.</summary>
    public static string OfStatement(string id, string original, string faulty) =>
        faulty.Length == 0 ? $"if (!{Switch(id)}) {{ {original} }}" : $"if ({Switch(id)}) {{ {faulty} }} else {{ {original} }}";
}
