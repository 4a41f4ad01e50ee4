namespace Warden.Emulator.Shell.Syntax;

/// <summary>A command: any node that runs and has an exit status.</summary>
internal abstract class Command
{
    /// <summary>The line of the script that it starts on.</summary>
    public int Line { get; init; }

    public IReadOnlyList<Redirection> Redirections { get; init; } = [];
}

internal sealed class SimpleCommand : Command
{
    public required IReadOnlyList<Assignment> Assignments { get; init; }

    public required IReadOnlyList<Word> Words { get; init; }
}

/// <summary>Commands joined by |, perhaps negated or timed.</summary>
internal sealed class PipelineCommand : Command
{
    public required IReadOnlyList<Command> Commands { get; init; }

    public bool Negated { get; init; }

    public bool Timed { get; init; }

    public bool TimedPortably { get; init; }
}

/// <summary>Two commands joined by &amp;&amp; or ||.</summary>
internal sealed class AndOrCommand(Command left, bool and, Command right) : Command
{
    public Command Left { get; } = left;

    public bool And { get; } = and;

    public Command Right { get; } = right;
}

/// <summary>One command of a list, and whether it runs in the background.</summary>
internal readonly record struct ListItem(Command Command, bool Background);

internal sealed class ListCommand(IReadOnlyList<ListItem> items) : Command
{
    public IReadOnlyList<ListItem> Items { get; } = items;
}

internal sealed class SubshellCommand(Command body) : Command
{
    public Command Body { get; } = body;
}

internal sealed class GroupCommand(Command body) : Command
{
    public Command Body { get; } = body;
}

internal sealed class IfCommand(IReadOnlyList<(Command Test, Command Body)> branches, Command? otherwise) : Command
{
    public IReadOnlyList<(Command Test, Command Body)> Branches { get; } = branches;

    public Command? Otherwise { get; } = otherwise;
}

internal sealed class ForCommand(string variable, IReadOnlyList<Word>? words, Command body) : Command
{
    public string Variable { get; } = variable;

    /// <summary>What to go through; null means the positional parameters.</summary>
    public IReadOnlyList<Word>? Words { get; } = words;

    public Command Body { get; } = body;

    /// <summary>Whether this is select.</summary>
    public bool Select { get; init; }
}

internal sealed class ArithmeticForCommand(Word initial, Word test, Word step, Command body) : Command
{
    public Word Initial { get; } = initial;

    public Word Test { get; } = test;

    public Word Step { get; } = step;

    public Command Body { get; } = body;
}

internal sealed class WhileCommand(Command test, Command body, bool until) : Command
{
    public Command Test { get; } = test;

    public Command Body { get; } = body;

    public bool Until { get; } = until;
}

/// <summary>How a case clause ends: ;; or ;&amp; or ;;&amp;.</summary>
internal enum CaseEnd
{
    Break, FallThrough, TestNext,
}

internal sealed record CaseClause(IReadOnlyList<Word> Patterns, Command? Body, CaseEnd End);

internal sealed class CaseCommand(Word subject, IReadOnlyList<CaseClause> clauses) : Command
{
    public Word Subject { get; } = subject;

    public IReadOnlyList<CaseClause> Clauses { get; } = clauses;
}

internal sealed class FunctionCommand(string name, Command body) : Command
{
    public string Name { get; } = name;

    public Command Body { get; } = body;
}

internal sealed class ArithmeticCommand(Word expression) : Command
{
    public Word Expression { get; } = expression;
}

internal sealed class ConditionalCommand(Condition condition) : Command
{
    public Condition Condition { get; } = condition;
}

internal sealed class CoprocessCommand(string name, Command body) : Command
{
    public string Name { get; } = name;

    public Command Body { get; } = body;
}
