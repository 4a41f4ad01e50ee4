using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

/// <summary>A node of a parsed awk program.</summary>
internal abstract record AwkNode;

internal sealed record AwkConstant(AwkValue Value) : AwkNode;

/// <summary>A /regex/ alone: matched against $0.</summary>
internal sealed record AwkRegex(Regex Regex) : AwkNode;

/// <summary>A variable: global, or local to a function when <paramref name="Local"/> is its slot.</summary>
internal sealed record AwkVariable(string Name, int Local) : AwkNode;

internal sealed record AwkField(AwkNode Index) : AwkNode;

internal sealed record AwkElement(AwkVariable Array, IReadOnlyList<AwkNode> Index) : AwkNode;

internal sealed record AwkAssign(AwkNode Target, string Operator, AwkNode Value) : AwkNode;

internal sealed record AwkIncrement(AwkNode Target, int Step, bool Prefix) : AwkNode;

internal sealed record AwkUnary(char Operator, AwkNode Operand) : AwkNode;

internal sealed record AwkBinary(string Operator, AwkNode Left, AwkNode Right) : AwkNode;

internal sealed record AwkConditional(AwkNode Test, AwkNode Then, AwkNode Else) : AwkNode;

internal sealed record AwkMembership(IReadOnlyList<AwkNode> Index, AwkVariable Array) : AwkNode;

internal sealed record AwkGroup(IReadOnlyList<AwkNode> Items) : AwkNode;

internal sealed record AwkCall(string Name, IReadOnlyList<AwkNode> Arguments, bool BuiltIn) : AwkNode;

/// <summary>getline; source '\0' for the input, '&lt;' for a file, '|' for a command.</summary>
internal sealed record AwkGetline(char Source, AwkNode? From, AwkNode? Target) : AwkNode;

internal sealed record AwkBlock(IReadOnlyList<AwkNode> Statements) : AwkNode;

internal sealed record AwkExpressionStatement(AwkNode Expression) : AwkNode;

/// <summary>print and printf, with where to: "", "&gt;", "&gt;&gt;" or "|".</summary>
internal sealed record AwkPrint(bool Formatted, IReadOnlyList<AwkNode> Arguments, string Redirection, AwkNode? Target) : AwkNode;

internal sealed record AwkIf(AwkNode Test, AwkNode Then, AwkNode? Else) : AwkNode;

internal sealed record AwkLoop(AwkNode? Before, AwkNode? Test, AwkNode? Step, AwkNode Body, bool TestFirst) : AwkNode;

internal sealed record AwkForIn(AwkNode Variable, AwkVariable Array, AwkNode Body) : AwkNode;

/// <summary>next, nextfile, break, continue, exit, return.</summary>
internal sealed record AwkJump(string Kind, AwkNode? Value) : AwkNode;

internal sealed record AwkDelete(AwkVariable Array, IReadOnlyList<AwkNode>? Index) : AwkNode;

internal sealed record AwkFunction(string Name, IReadOnlyList<string> Parameters)
{
    public AwkNode Body { get; set; } = new AwkBlock([]);
}

/// <summary>A rule: BEGIN, END, a pattern or a range, and its action (null prints the line).</summary>
internal sealed record AwkRule(string Kind, AwkNode? From, AwkNode? To, AwkNode? Action)
{
    public bool InRange { get; set; }
}

internal sealed record AwkProgram(IReadOnlyList<AwkRule> Rules, IReadOnlyDictionary<string, AwkFunction> Functions);
