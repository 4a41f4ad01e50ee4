using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Warden.Mutants;

/// <summary>
/// Faults drawn from the source by a seed: an operator exchanged, a condition negated, a constant moved by one, a call left out.
/// What is drawn of a member depends on that member alone, so that a change of the sources redraws nothing elsewhere.
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

    /// <summary>Draws faults that overlap neither each other nor the written ones: each is judged alone, in one build of all.</summary>
    /// <param name="sources">The repository's copy.</param>
    /// <param name="files">What is drawn from.</param>
    /// <param name="written">The written faults.</param>
    /// <param name="equivalents">Faults that change nothing that can be observed: they are passed over.</param>
    /// <param name="draw">How many, and the seed.</param>
    public static IReadOnlyList<Fault> Draw(
        string sources, IEnumerable<string> files, IReadOnlyCollection<Fault> written, EquivalentFaults equivalents, (int Count, int Seed) draw)
    {
        var candidates = files.SelectMany(file => Ranked(Candidates(sources, file), draw.Seed))
            .OrderBy(candidate => candidate.Rank).Select(candidate => candidate.Candidate);
        var drawn = new List<Fault>();
        foreach (var candidate in candidates)
        {
            if (drawn.Count == draw.Count)
            {
                break;
            }

            if (!written.Concat(drawn).Any(candidate.Overlaps) && !equivalents.PassOver(candidate.File, candidate.Description))
            {
                drawn.Add(candidate.Make($"D{drawn.Count + 1:00}"));
            }
        }

        return drawn;
    }

    // A hash takes the place of a shuffle: it ranks a candidate by what it is and not by how many others there are.
    private static IEnumerable<(UInt128 Rank, Candidate Candidate)> Ranked(IEnumerable<Candidate> ofFile, int seed) =>
        ofFile.GroupBy(candidate => candidate.Description, StringComparer.Ordinal)
            .SelectMany(alike => alike.Select((candidate, ordinal) => (Rank(seed, candidate, ordinal), candidate)));

    private static UInt128 Rank(int seed, Candidate candidate, int ordinal) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\n{candidate.File}\n{candidate.Description}\n{ordinal}"))));

    private static IEnumerable<Candidate> Candidates(string root, string file)
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(root, file)));
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (Variant(node) is { } variant && !Declares(node) && !IsConstant(node))
            {
                var original = node.ToString();
                yield return new Candidate(file, node.SpanStart, node.Span.Length, id => variant.IsStatement
                    ? Fault.OfStatement(id, original, variant.Text)
                    : Fault.OfExpression(id, original, variant.Text), $"{Member(node)}: {variant.What}: {OneLine(original)}");
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

    // Without types, "+" is known to be of numbers only beside a number; beside the greatest one the other operator does not compile.
    private static bool IsSum(BinaryExpressionSyntax binary) =>
        binary.Kind() is SyntaxKind.AddExpression or SyntaxKind.SubtractExpression
        && (!binary.Right.IsKind(SyntaxKind.NumericLiteralExpression)
            || binary.Left is MemberAccessExpressionSyntax { Name.Identifier.Text: "MaxValue" });

    // Both variants stand side by side: a variable must not be declared twice, nor be unassigned after one of them.
    private static bool Declares(SyntaxNode node) => node.DescendantNodes().Any(n =>
        n is DeclarationExpressionSyntax or VariableDesignationSyntax or AnonymousFunctionExpressionSyntax
        or ArgumentSyntax { RefOrOutKeyword.RawKind: not 0 });

    private static bool IsConstant(SyntaxNode node) => node.Ancestors().Any(n =>
        n is AttributeSyntax or ParameterSyntax or EnumMemberDeclarationSyntax or ConstantPatternSyntax or RelationalPatternSyntax
        or CaseSwitchLabelSyntax
        || (n is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword))
        || (n is LocalDeclarationStatementSyntax local && local.IsConst));

    // The member rather than the line: it stays the same when the file changes elsewhere.
    private static string Member(SyntaxNode node) => node.Ancestors().Select(ancestor => ancestor switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    }).First(name => name is not null)!;

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 80 ? line[..77] + "…" : line;
    }

    private sealed record Candidate(string File, int Start, int Length, Func<string, string> Replacement, string Description)
    {
        public bool Overlaps(Fault fault) => fault.File == File && Start < fault.Start + fault.Length && fault.Start < Start + Length;

        public Fault Make(string id) => new(id, File, Start, Length, Replacement(id), Description);
    }
}
