namespace Warden.Emulator.Shell.Syntax;

/// <summary>An expression of [[ ]].</summary>
internal abstract class Condition;

internal sealed class NotCondition(Condition inner) : Condition
{
    public Condition Inner { get; } = inner;
}

internal sealed class JoinedCondition(Condition left, bool and, Condition right) : Condition
{
    public Condition Left { get; } = left;

    public bool And { get; } = and;

    public Condition Right { get; } = right;
}

internal sealed class GroupedCondition(Condition inner) : Condition
{
    public Condition Inner { get; } = inner;
}

internal sealed class UnaryCondition(string operation, Word operand) : Condition
{
    public string Operation { get; } = operation;

    public Word Operand { get; } = operand;
}

internal sealed class BinaryCondition(string operation, Word left, Word right) : Condition
{
    public string Operation { get; } = operation;

    public Word Left { get; } = left;

    public Word Right { get; } = right;
}
