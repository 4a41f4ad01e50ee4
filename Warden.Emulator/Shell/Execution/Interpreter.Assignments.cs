using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Assignments.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Makes an assignment in this shell.</summary>
    public async ValueTask AssignAsync(Assignment assignment)
    {
        if (assignment.Elements is not null)
        {
            await TraceLineAsync(Options.Trace ? assignment.Source : "");
            await AssignElementsAsync(Variables.GetOrCreate(assignment.Name), assignment);
            return;
        }

        var value = await Expander.ExpandToStringAsync(assignment.Value!, assignment: true);
        if (Options.Trace)
        {
            var place = assignment.Source[..(assignment.Source.IndexOf('=', StringComparison.Ordinal) + 1)];
            await TraceLineAsync(place + Quoting.Traced(value));
        }

        if (assignment.Subscript is null)
        {
            SetVariable(assignment.Name, value, assignment.Append);
            return;
        }

        var variable = Variables.Find(assignment.Name);
        var subscript = await Expander.ExpandSubscriptAsync(variable, assignment.Subscript);
        if (variable?.Associative is null && subscript.Trim().Length == 0)
        {
            throw new ShellErrorException($"{assignment.Name}[{assignment.Subscript.Source}]: bad array subscript");
        }

        Variables.SetElement(assignment.Name, subscript, value, assignment.Append);
    }

    /// <summary>Assigns the text "( … )" to an array.</summary>
    public async ValueTask AssignTextAsync(Variable variable, string text)
    {
        var parser = new Parser(new TextSource($"{variable.Name}={text}"), this) { Line = LineNumber - 1 };
        try
        {
            if (await parser.ParseCommandAsync() is SimpleCommand { Assignments: [{ Elements: not null } assignment] })
            {
                await AssignElementsAsync(variable, assignment);
                return;
            }
        }
        catch (SyntaxErrorException)
        {
            // Then it is a value like any other.
        }

        Variables.Set(variable.Name, text);
    }

    /// <summary>Assigns name=( … ) to an array.</summary>
    public async ValueTask AssignElementsAsync(Variable variable, Assignment assignment)
    {
        VariableStore.CheckWritable(variable);
        if (variable.Associative is not null)
        {
            await AssignAssociativeAsync(variable, assignment);
            return;
        }

        var values = new SortedDictionary<long, string>();
        if (assignment.Append)
        {
            VariableStore.MakeIndexed(variable);
            values = new(variable.Indexed!);
        }

        var next = values.Count == 0 ? 0 : values.Keys.Last() + 1;
        foreach (var element in assignment.Elements!)
        {
            if (element.Subscript is not null)
            {
                var text = await Expander.ExpandSubscriptAsync(variable, element.Subscript);
                var index = Expander.Evaluate(text);
                if (index < 0)
                {
                    index += values.Count == 0 ? 0 : values.Keys.Last() + 1;
                    if (index < 0)
                    {
                        throw new ShellErrorException($"{variable.Name}[{element.Subscript.Source}]: bad array subscript");
                    }
                }

                var value = await Expander.ExpandToStringAsync(element.Value, assignment: true);
                values[index] = Variables.Convert(variable, value, element.Append ? values.GetValueOrDefault(index) ?? "" : null);
                next = index + 1;
                continue;
            }

            var fields = new List<string>();
            await Expander.ExpandWordAsync(element.Value, fields);
            foreach (var field in fields)
            {
                values[next++] = Variables.Convert(variable, field, null);
            }
        }

        variable.Scalar = null;
        variable.Indexed = values;
        variable.Attributes |= VariableAttributes.Indexed;
        OnVariableChanged(variable.Name);
    }

    private async ValueTask AssignAssociativeAsync(Variable variable, Assignment assignment)
    {
        var values = assignment.Append ? variable.Associative! : new Dictionary<string, string>(StringComparer.Ordinal);
        string? key = null;
        var pairs = assignment.Elements!.Count > 0 && assignment.Elements[0].Subscript is null;
        foreach (var element in assignment.Elements)
        {
            if (element.Subscript is not null)
            {
                var subscript = await Expander.ExpandToStringAsync(element.Subscript);
                var value = await Expander.ExpandToStringAsync(element.Value, assignment: true);
                values[subscript] = Variables.Convert(variable, value, element.Append ? values.GetValueOrDefault(subscript) ?? "" : null);
                continue;
            }

            if (!pairs)
            {
                await ReportAsync($"{variable.Name}: {element.Value.Source}: must use subscript when assigning associative array");
                continue;
            }

            // name=( key value … ): the words in pairs.
            var text = await Expander.ExpandToStringAsync(element.Value);
            if (key is null)
            {
                key = text;
                values[key] = "";
            }
            else
            {
                values[key] = Variables.Convert(variable, text, null);
                key = null;
            }
        }

        variable.Associative = values;
    }
}
