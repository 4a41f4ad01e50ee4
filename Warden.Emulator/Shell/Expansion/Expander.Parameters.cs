using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>Parameter expansion.</summary>
internal sealed partial class Expander
{
    /// <summary>What a parameter is: one value, or those of $@ and of an array.</summary>
    /// <param name="Name">As messages name it.</param>
    /// <param name="Scalar">The value; null when unset.</param>
    /// <param name="List">The values of a list; null for one value.</param>
    /// <param name="Star">Whether the list was written with a star.</param>
    /// <param name="Variable">The variable behind it.</param>
    private sealed record Parameter(string Name, string? Scalar, List<string>? List, bool Star, Variable? Variable);

    private async ValueTask ExpandParameterAsync(ParameterPart part, FieldSink sink, bool quoted)
    {
        if (part.Operation == ParameterOperation.None && part.Subscript is null && !part.Indirect && part.Name is not ("@" or "*"))
        {
            var value = shell.GetParameter(part.Name);
            if (value is null)
            {
                CheckSet(part.Name, part.Name);
                Emit("", sink, quoted);
            }
            else
            {
                Emit(value, sink, quoted);
            }

            return;
        }

        if (part.Operation == ParameterOperation.Bad)
        {
            throw new ShellErrorException($"{part.Source}: bad substitution");
        }

        if (part.Operation == ParameterOperation.Names)
        {
            var names = shell.VariableNames(part.Name);
            EmitList([.. names], star: !part.Colon, sink, quoted);
            return;
        }

        if (part.Indirect && part.Subscript?.Source is "@" or "*" && part.Operation == ParameterOperation.None)
        {
            var array = shell.Variables.Find(part.Name);
            EmitList(array is null ? [] : [.. array.Elements().Select(static element => element.Key)], part.Subscript!.Source == "*", sink, quoted);
            return;
        }

        var parameter = await GetAsync(part);
        await ApplyAsync(part, parameter, sink, quoted);
    }

    private void CheckSet(string name, string shown)
    {
        if (shell.Options.NoUnset && name is not ("@" or "*"))
        {
            var isSpecial = char.IsAsciiDigit(name[0]) || !Names.IsNameStart(name[0]);
            throw new ShellErrorException($"{(isSpecial ? "$" : "")}{shown}: unbound variable", ErrorReach.Exit, shell.CommandString ? 127 : 1);
        }
    }

    private async ValueTask<Parameter> GetAsync(ParameterPart part)
    {
        var parameter = await GetDirectAsync(part.Name, part.Subscript);
        if (!part.Indirect)
        {
            return parameter;
        }

        if (shell.Variables.FindRaw(part.Name) is { } reference && reference.Has(VariableAttributes.NameReference))
        {
            return new(part.Name, reference.Scalar, null, false, reference);
        }

        var target = parameter.Scalar;
        if (string.IsNullOrEmpty(target))
        {
            throw new ShellErrorException(target is null ? $"{part.Name}: invalid indirect expansion" : $"{target}: invalid variable name");
        }

        var bracket = target.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0 && target.EndsWith(']') && Names.IsName(target.AsSpan(0, bracket)))
        {
            var subscript = await Parser.ParseQuotedTextAsync(target[(bracket + 1)..^1], shell);
            return await GetDirectAsync(target[..bracket], new(subscript.Parts, target[(bracket + 1)..^1]));
        }

        if (!Names.IsName(target) && !target.All(char.IsAsciiDigit) && !(target.Length == 1 && "@*#?-$!".Contains(target[0])))
        {
            throw new ShellErrorException($"{target}: invalid variable name");
        }

        return await GetDirectAsync(target, null);
    }

    private async ValueTask<Parameter> GetDirectAsync(string name, Word? subscript)
    {
        if (name is "@" or "*")
        {
            return new(name, null, [.. shell.Positional], name == "*", null);
        }

        if (subscript is null)
        {
            return new(name, shell.GetParameter(name), null, false, Names.IsNameStart(name[0]) ? shell.Variables.Find(name) : null);
        }

        var variable = shell.FindArray(name);
        if (subscript.Source is "@" or "*")
        {
            return new($"{name}[{subscript.Source}]", null, variable is null ? [] : [.. variable.Elements().Select(static e => e.Value)],
                subscript.Source == "*", variable);
        }

        var index = await ExpandSubscriptAsync(variable, subscript);
        var shown = $"{name}[{subscript.Source}]";
        if (variable is null)
        {
            if (Evaluate(index) < 0)
            {
                await shell.ReportAsync($"{name}: bad array subscript");
            }

            return new(shown, null, null, false, null);
        }

        if (index.Length == 0)
        {
            throw new ShellErrorException($"{name}: bad array subscript");
        }

        string? value;
        try
        {
            value = shell.Variables.GetElement(variable, index);
        }
        catch (ShellErrorException error) when (error.Message.EndsWith("bad array subscript", StringComparison.Ordinal))
        {
            // A negative subscript beyond the beginning is reported, and its value is empty.
            await shell.ReportAsync(error.Message);
            value = null;
        }

        return new(shown, value, null, false, variable);
    }

    /// <summary>The text of a subscript: a key of an associative array, an expression for others.</summary>
    public ValueTask<string> ExpandSubscriptAsync(Variable? variable, Word subscript) =>
        variable?.Associative is not null ? ExpandToStringAsync(subscript) : ExpandQuotedSubscriptAsync(subscript);

    private async ValueTask<string> ExpandQuotedSubscriptAsync(Word subscript)
    {
        var sink = new FieldSink(null, ' ', false);
        foreach (var part in subscript.Parts)
        {
            await ExpandPartAsync(part, sink, quoted: false, operand: false);
        }

        return sink.Text;
    }

    private void EmitList(List<string> values, bool star, FieldSink sink, bool quoted)
    {
        if (star && (quoted || !sink.Splits))
        {
            Emit(string.Join(shell.ListSeparator, values), sink, quoted);
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (quoted)
            {
                if (i > 0)
                {
                    sink.Break();
                }

                sink.Literal(values[i], quoted: true);
            }
            else
            {
                if (i > 0)
                {
                    sink.SoftBreak();
                }

                sink.Expansion(values[i]);
            }
        }
    }

    private async ValueTask ApplyAsync(ParameterPart part, Parameter parameter, FieldSink sink, bool quoted)
    {
        switch (part.Operation)
        {
            case ParameterOperation.Length:
                if (parameter.List is not null)
                {
                    Emit(parameter.List.Count.ToString(), sink, quoted);
                    return;
                }

                if (parameter.Scalar is null)
                {
                    CheckSet(part.Name, parameter.Name);
                }

                Emit((parameter.Scalar ?? "").Length.ToString(), sink, quoted);
                return;
            case ParameterOperation.Default or ParameterOperation.Assign or ParameterOperation.Error or ParameterOperation.Alternative:
                await ApplyTestAsync(part, parameter, sink, quoted);
                return;
        }

        if (parameter.List is null && parameter.Scalar is null)
        {
            if (part.Operation != ParameterOperation.Transform)
            {
                CheckSet(part.Name, parameter.Name);
            }

            if (part.Operation is not ParameterOperation.Transform)
            {
                Emit("", sink, quoted);
                return;
            }
        }

        if (part.Operation == ParameterOperation.Substring && parameter.List is not null)
        {
            EmitList(await SliceAsync(part, parameter), parameter.Star, sink, quoted);
            return;
        }

        if (part.Operation == ParameterOperation.Transform && TransformWhole(part, parameter) is { } whole)
        {
            EmitList(whole, parameter.Star || parameter.List is null, sink, quoted);
            return;
        }

        var change = await PrepareAsync(part);
        if (parameter.List is not null)
        {
            EmitList([.. parameter.List.Select(change)], parameter.Star, sink, quoted);
        }
        else if (parameter.Scalar is not null)
        {
            Emit(change(parameter.Scalar), sink, quoted);
        }
        else
        {
            Emit("", sink, quoted);
        }
    }

    private async ValueTask ApplyTestAsync(ParameterPart part, Parameter parameter, FieldSink sink, bool quoted)
    {
        var empty = parameter.List is not null
            ? parameter.List.Count == 0 || (part.Colon && parameter.List.Count == 1 && parameter.List[0].Length == 0)
            : parameter.Scalar is null || (part.Colon && parameter.Scalar.Length == 0);
        if (part.Operation == ParameterOperation.Alternative)
        {
            if (!empty)
            {
                await ExpandOperandAsync(part.Operand!, sink, quoted);
            }
            else if (quoted && parameter.List is null)
            {
                sink.Present();
            }

            return;
        }

        if (!empty)
        {
            if (parameter.List is not null)
            {
                EmitList(parameter.List, parameter.Star, sink, quoted);
            }
            else
            {
                Emit(parameter.Scalar!, sink, quoted);
            }

            return;
        }

        switch (part.Operation)
        {
            case ParameterOperation.Default:
                await ExpandOperandAsync(part.Operand!, sink, quoted);
                break;
            case ParameterOperation.Assign:
                if (!Names.IsName(part.Name))
                {
                    throw new ShellErrorException($"${part.Name}: cannot assign in this way");
                }

                var value = await ExpandToStringAsync(part.Operand!);
                if (part.Subscript is not null)
                {
                    var index = await ExpandSubscriptAsync(shell.Variables.Find(part.Name), part.Subscript);
                    shell.Variables.SetElement(part.Name, index, value);
                }
                else
                {
                    shell.SetVariable(part.Indirect ? shell.GetParameter(part.Name) ?? part.Name : part.Name, value);
                }

                Emit(value, sink, quoted);
                break;
            default:
                var message = await ExpandToStringAsync(part.Operand!);
                if (message.Length == 0)
                {
                    message = part.Colon ? "parameter null or not set" : "parameter not set";
                }

                throw new ShellErrorException($"{parameter.Name}: {message}", ErrorReach.Exit, shell.CommandString ? 127 : 1);
        }
    }

    private async ValueTask ExpandOperandAsync(Word operand, FieldSink sink, bool quoted)
    {
        var first = true;
        foreach (var part in operand.Parts)
        {
            if (first && !quoted && part is LiteralPart { Quoted: false } literal && literal.Text[0] == '~')
            {
                await ExpandTildesAsync(literal.Text, true, operand.Parts.Count == 1, false, sink);
            }
            else
            {
                await ExpandPartAsync(part, sink, quoted, operand: true);
            }

            first = false;
        }
    }
}
