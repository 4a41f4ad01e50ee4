using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Warden.Mutants;

/// <summary>
/// Faults drawn from the source by a seed: an operator exchanged, a condition negated, a constant moved by one, a call left out.
/// </summary>
internal static class DrawnFaults
{
    private static readonly Dictionary<SyntaxKind, string> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = "<=",
        [SyntaxKind.LessThanOrEqualExpression] = "<",
        [SyntaxKind.GreaterThanExpression] = ">=",
        [SyntaxKind.GreaterThanOrEqualExpression] = ">",
        [SyntaxKind.EqualsExpression] = "!=",
        [SyntaxKind.NotEqualsExpression] = "==",
        [SyntaxKind.LogicalAndExpression] = "||",
        [SyntaxKind.LogicalOrExpression] = "&&",
        [SyntaxKind.AddExpression] = "-",
        [SyntaxKind.SubtractExpression] = "+",
    };

    public static IReadOnlyList<Fault> Draw(string root, IEnumerable<string> files, int count, int seed)
    {
        var candidates = files.Order(StringComparer.Ordinal).SelectMany(file => Candidates(root, file)).ToArray();
        new Random(seed).Shuffle(candidates);
        var drawn = new List<Fault>();
        foreach (var candidate in candidates)
        {
            if (drawn.Count == count)
            {
                break;
            }

            // Two faults never overlap: each is judged alone, in one build of all.
            if (!drawn.Any(f => f.File == candidate.File && candidate.Start < f.Start + f.Length && f.Start < candidate.Start + candidate.Length))
            {
                drawn.Add(candidate.Make($"D{drawn.Count + 1:00}"));
            }
        }

        return drawn;
    }

    private static IEnumerable<Candidate> Candidates(string root, string file)
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(root, file)));
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (Variant(node) is { } variant && !Declares(node) && !IsConstant(node))
            {
                var line = tree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
                var original = node.ToString();
                yield return new Candidate(file, node.SpanStart, node.Span.Length, id => variant.IsStatement
                    ? Fault.OfStatement(id, original, variant.Text)
                    : Fault.OfExpression(id, original, variant.Text), $"line {line}: {variant.What}: {OneLine(original)}");
            }
        }
    }

    private static (string Text, bool IsStatement, string What)? Variant(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax { Left: var left, Right: var right } binary when Operators.TryGetValue(binary.Kind(), out var other)
            && !IsSum(binary) => ($"{left} {other} {right}", false, $"{binary.OperatorToken} becomes {other}"),
        PrefixUnaryExpressionSyntax not when not.IsKind(SyntaxKind.LogicalNotExpression) => (not.Operand.ToString(), false, "! left out"),
        ExpressionStatementSyntax { Parent: BlockSyntax, Expression: InvocationExpressionSyntax } => ("", true, "call left out"),
        ExpressionStatementSyntax { Parent: BlockSyntax, Expression: AwaitExpressionSyntax } => ("", true, "awaited call left out"),
        _ => null,
    };

    // Without types, "+" is known to be of numbers only beside a number.
    private static bool IsSum(BinaryExpressionSyntax binary) =>
        binary.Kind() is SyntaxKind.AddExpression or SyntaxKind.SubtractExpression
        && !binary.Right.IsKind(SyntaxKind.NumericLiteralExpression);

    // Both variants stand side by side: a variable must not be declared twice, nor be unassigned after one of them.
    private static bool Declares(SyntaxNode node) => node.DescendantNodes().Any(n =>
        n is DeclarationExpressionSyntax or VariableDesignationSyntax or AnonymousFunctionExpressionSyntax
        or ArgumentSyntax { RefOrOutKeyword.RawKind: not 0 });

    private static bool IsConstant(SyntaxNode node) => node.Ancestors().Any(n =>
        n is AttributeSyntax or ParameterSyntax or EnumMemberDeclarationSyntax or ConstantPatternSyntax or RelationalPatternSyntax
        or CaseSwitchLabelSyntax
        || (n is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword))
        || (n is LocalDeclarationStatementSyntax local && local.IsConst));

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 80 ? line[..77] + "…" : line;
    }

    private sealed record Candidate(string File, int Start, int Length, Func<string, string> Replacement, string Description)
    {
        public Fault Make(string id) => new(id, File, Start, Length, Replacement(id), Description);
    }
}
