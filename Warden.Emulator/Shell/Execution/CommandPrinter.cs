using System.Text;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Writes commands back as text, as declare -f, type and the messages about jobs show them.</summary>
internal sealed class CommandPrinter
{
    private const int IndentWidth = 4;
    private readonly StringBuilder _text = new();
    private readonly List<Redirection> _documents = [];
    private int _indent;

    /// <summary>A command on as few lines as it has.</summary>
    public static string Print(Command command)
    {
        var printer = new CommandPrinter();
        printer.Write(command);
        printer.WriteDocuments();
        return printer._text.ToString();
    }

    /// <summary>name () { … } as declare -f prints it.</summary>
    public static string PrintFunction(FunctionCommand function) => $"{function.Name} () \n{PrintBody(function)}";

    /// <summary>The body of a function with its braces.</summary>
    public static string PrintBody(FunctionCommand function)
    {
        var printer = new CommandPrinter();
        printer.WriteFunctionBody(function.Body);
        return printer._text.ToString();
    }

    private void WriteFunctionBody(Command body)
    {
        Line("{ ");
        _indent++;
        NewLine();
        Write(body is GroupCommand group && group.Redirections.Count == 0 ? group.Body : body);
        WriteDocuments();
        _indent--;
        NewLine();
        _text.Append('}');
    }

    private void Line(string text) => _text.Append(text);

    private void NewLine()
    {
        _text.Append('\n').Append(' ', _indent * IndentWidth);
    }

    private void WriteDocuments()
    {
        if (_documents.Count == 0)
        {
            return;
        }

        foreach (var redirection in _documents)
        {
            _text.Append('\n').Append(redirection.Document?.Source ?? "").Append(QuoteRemoval.Remove(redirection.Target)).Append('\n');
        }

        _documents.Clear();
        _text.Append(' ', _indent * IndentWidth);
    }

    private void Block(Command body, string end, bool terminated = true)
    {
        _indent++;
        NewLine();
        Write(body);
        if (_documents.Count > 0)
        {
            WriteDocuments();
            _text.Length -= _indent * IndentWidth;
            _indent--;
            _text.Append(' ', _indent * IndentWidth);
        }
        else
        {
            if (terminated && _text[^1] != '&')
            {
                _text.Append(';');
            }

            _indent--;
            NewLine();
        }

        _text.Append(end);
    }

    private void Write(Command command)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (command)
        {
            case SimpleCommand simple:
                _text.AppendJoin(' ', simple.Assignments.Select(static a => a.Source).Concat(simple.Words.Select(static w => w.Source)));
                WriteRedirections(simple.Redirections, simple.Assignments.Count + simple.Words.Count > 0);
                return;
            case PipelineCommand pipeline:
                WritePipeline(pipeline);
                return;
            case AndOrCommand both:
                Write(both.Left);
                _text.Append(both.And ? " && " : " || ");
                Write(both.Right);
                return;
            case ListCommand list:
                WriteList(list);
                return;
            case GroupCommand { Body: ListCommand { Items.Count: 0 } }:
                return;
            case GroupCommand group:
                if (_indent == 0)
                {
                    _text.Append("{ ");
                    Write(group.Body);
                    _text.Append("; }");
                }
                else
                {
                    _text.Append("{ ");
                    Block(group.Body, "}", terminated: false);
                }

                break;
            case SubshellCommand subshell:
                _text.Append("( ");
                Write(subshell.Body);
                _text.Append(" )");
                break;
            case IfCommand branch:
                WriteIf(branch, 0);
                break;
            case ForCommand loop:
                _text.Append(loop.Select ? "select " : "for ").Append(loop.Variable).Append(" in ")
                    .Append(loop.Words is null ? "\"$@\"" : string.Join(' ', loop.Words.Select(static word => word.Source))).Append(';');
                NewLine();
                _text.Append("do");
                Block(loop.Body, "done");
                break;
            case ArithmeticForCommand loop:
                _text.Append($"for (({loop.Initial.Source}; {loop.Test.Source.Trim()}; {loop.Step.Source.Trim()}))");
                NewLine();
                _text.Append("do");
                Block(loop.Body, "done");
                break;
            case WhileCommand loop:
                _text.Append(loop.Until ? "until " : "while ");
                Write(loop.Test);
                _text.Append("; do");
                Block(loop.Body, "done");
                break;
            case CaseCommand choice:
                WriteCase(choice);
                break;
            case FunctionCommand function:
                _text.Append(function.Name).Append(" () ");
                NewLine();
                WriteFunctionBody(function.Body);
                return;
            case ArithmeticCommand arithmetic:
                _text.Append($"(({arithmetic.Expression.Source}))");
                break;
            case ConditionalCommand conditional:
                _text.Append("[[ ");
                WriteCondition(conditional.Condition);
                _text.Append(" ]]");
                break;
            case CoprocessCommand coprocess:
                _text.Append("coproc ").Append(coprocess.Name).Append(' ');
                Write(coprocess.Body);
                return;
        }

        WriteRedirections(command.Redirections, space: true);
    }

    private void WritePipeline(PipelineCommand pipeline)
    {
        if (pipeline.Timed)
        {
            _text.Append(pipeline.TimedPortably ? "time -p " : "time ");
        }

        if (pipeline.Negated)
        {
            _text.Append("! ");
        }

        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            if (i > 0)
            {
                _text.Append(" | ");
            }

            Write(pipeline.Commands[i]);
        }
    }

    private void WriteList(ListCommand list)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            var (command, background) = list.Items[i];
            Write(command);
            var last = i == list.Items.Count - 1;
            if (background)
            {
                _text.Append(last ? " &" : " & ");
                if (!last && _indent > 0)
                {
                    NewLine();
                }
            }
            else if (!last)
            {
                if (_documents.Count > 0)
                {
                    WriteDocuments();
                    _text.Length -= _indent * IndentWidth;
                    NewLine();
                }
                else if (_indent > 0)
                {
                    _text.Append(';');
                    NewLine();
                }
                else
                {
                    _text.Append("; ");
                }
            }
        }
    }

    private void WriteIf(IfCommand branch, int index)
    {
        _text.Append("if ");
        Write(branch.Branches[index].Test);
        _text.Append("; then");
        var more = index + 1 < branch.Branches.Count;
        Block(branch.Branches[index].Body, more || branch.Otherwise is not null ? "else" : "fi");
        if (more)
        {
            _indent++;
            NewLine();
            WriteIf(branch, index + 1);
            _text.Append(';');
            _indent--;
            NewLine();
            _text.Append("fi");
        }
        else if (branch.Otherwise is not null)
        {
            Block(branch.Otherwise, "fi");
        }
    }

    private void WriteCase(CaseCommand choice)
    {
        _text.Append($"case {choice.Subject.Source} in ");
        _indent++;
        foreach (var clause in choice.Clauses)
        {
            NewLine();
            _text.AppendJoin(" | ", clause.Patterns.Select(static pattern => pattern.Source)).Append(')');
            _indent++;
            if (clause.Body is not null)
            {
                NewLine();
                Write(clause.Body);
                WriteDocuments();
            }

            _indent--;
            NewLine();
            _text.Append(clause.End switch { CaseEnd.Break => ";;", CaseEnd.FallThrough => ";&", _ => ";;&" });
        }

        _indent--;
        NewLine();
        _text.Append("esac");
    }

    private void WriteCondition(Condition condition)
    {
        switch (condition)
        {
            case NotCondition not:
                _text.Append("! ");
                WriteCondition(not.Inner);
                break;
            case GroupedCondition grouped:
                _text.Append("( ");
                WriteCondition(grouped.Inner);
                _text.Append(" )");
                break;
            case JoinedCondition joined:
                WriteCondition(joined.Left);
                _text.Append(joined.And ? " && " : " || ");
                WriteCondition(joined.Right);
                break;
            case UnaryCondition unary:
                _text.Append(unary.Operation).Append(' ').Append(unary.Operand.Source);
                break;
            case BinaryCondition binary:
                _text.Append(binary.Left.Source).Append(' ').Append(binary.Operation).Append(' ').Append(binary.Right.Source);
                break;
        }
    }

    private void WriteRedirections(IReadOnlyList<Redirection> redirections, bool space)
    {
        foreach (var redirection in redirections)
        {
            if (space)
            {
                _text.Append(' ');
            }

            space = true;
            if (redirection.Variable is not null)
            {
                _text.Append('{').Append(redirection.Variable).Append('}');
            }
            else if (redirection.Explicit || redirection.Kind is RedirectionKind.DuplicateInput or RedirectionKind.DuplicateOutput)
            {
                _text.Append(redirection.Descriptor);
            }

            _text.Append(redirection.Kind switch
            {
                RedirectionKind.Input => "< ",
                RedirectionKind.Output => "> ",
                RedirectionKind.Append => ">> ",
                RedirectionKind.Clobber => ">| ",
                RedirectionKind.ReadWrite => "<> ",
                RedirectionKind.DuplicateInput => "<&",
                RedirectionKind.DuplicateOutput => ">&",
                RedirectionKind.OutputAndError => "&> ",
                RedirectionKind.AppendOutputAndError => "&>> ",
                RedirectionKind.HereDocument => redirection.StripTabs ? "<<-" : "<<",
                _ => "<<< ",
            });
            _text.Append(redirection.Target.Source);
            if (redirection.Kind == RedirectionKind.HereDocument)
            {
                _documents.Add(redirection);
            }
        }
    }
}
