using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>declare, typeset and local.</summary>
internal sealed class DeclareBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => name == "local"
        ? "local [option] name[=value] ..."
        : $"{name} [-aAfFgiIlnrtux] [name[=value] ...] or {name} -p [-aAfFilnrtux] [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        if (name == "local" && !shell.Variables.InFunction)
        {
            return await call.FailAsync("can only be used in a function");
        }

        var on = VariableAttributes.None;
        var off = VariableAttributes.None;
        var print = false;
        var functions = false;
        var names = false;
        var global = false;
        var inherit = false;
        var scanner = new OptionScanner(call, "aAfFgiIlnprtux", plus: true);
        while (scanner.TryNext(out var letter))
        {
            print |= letter == 'p';
            functions |= letter is 'f' or 'F';
            names |= letter == 'F';
            global |= letter == 'g';
            inherit |= letter == 'I';
            var attribute = AttributeOf(letter);
            if (scanner.Off)
            {
                off |= attribute;
            }
            else
            {
                on |= attribute;
            }
        }

        if (functions)
        {
            return await FunctionsAsync(call, scanner.Index, names, on);
        }

        if (print || scanner.Index >= call.Arguments.Count)
        {
            return await PrintAsync(call, scanner.Index, on, print);
        }

        var status = 0;
        for (var i = scanner.Index; i < call.Arguments.Count; i++)
        {
            status = Math.Max(status, await DeclareAsync(call, i, on, off, global, inherit));
        }

        return status;
    }

    private static VariableAttributes AttributeOf(char letter) => letter switch
    {
        'a' => VariableAttributes.Indexed,
        'A' => VariableAttributes.Associative,
        'i' => VariableAttributes.Integer,
        'l' => VariableAttributes.Lower,
        'n' => VariableAttributes.NameReference,
        'r' => VariableAttributes.ReadOnly,
        't' => VariableAttributes.Trace,
        'u' => VariableAttributes.Upper,
        'x' => VariableAttributes.Export,
        _ => VariableAttributes.None,
    };

    private async ValueTask<int> DeclareAsync(
        BuiltinCall call, int index, VariableAttributes on, VariableAttributes off, bool global, bool inherit)
    {
        var shell = call.Shell;
        var argument = call.Arguments[index];
        var compound = call.Compounds?.GetValueOrDefault(index);
        var target = DeclarationArgument.Parse(argument);
        if (!Names.IsName(target.Name))
        {
            return await call.FailAsync($"`{argument}': not a valid identifier");
        }

        var local = !global && shell.Variables.InFunction;
        var old = shell.Variables.FindRaw(target.Name);
        Variable variable;
        if (local)
        {
            var mine = shell.Variables.IsLocal(target.Name);
            if (old is not null && old.Has(VariableAttributes.ReadOnly) && (mine || target.Value is not null || compound is not null))
            {
                await shell.ReportAsync(mine || name != "local" ? $"{target.Name}: readonly variable" : $"{name}: {target.Name}: readonly variable");
                return 1;
            }

            variable = shell.Variables.MakeLocal(target.Name);
            if ((inherit || shell.Options.IsShopt("localvar_inherit")) && old is not null && !ReferenceEquals(old, variable))
            {
                variable.Scalar = old.Scalar;
                variable.Attributes = old.Attributes & ~VariableAttributes.NameReference;
                variable.Indexed = old.Indexed is null ? null : new(old.Indexed);
                variable.Associative = old.Associative is null ? null : new(old.Associative);
            }
        }
        else
        {
            variable = global ? shell.Variables.GetGlobal(target.Name)
                : (on & VariableAttributes.NameReference) != 0 ? shell.Variables.FindRaw(target.Name) ?? shell.Variables.GetOrCreate(target.Name)
                : shell.Variables.GetOrCreate(target.Name);
        }

        if (variable.Has(VariableAttributes.ReadOnly) && (target.Value is not null || compound is not null || (off & VariableAttributes.ReadOnly) != 0))
        {
            await call.FailAsync($"{target.Name}: readonly variable");
            return 1;
        }

        if ((on & VariableAttributes.Associative) != 0 && variable.Associative is null)
        {
            if (variable.Indexed is not null)
            {
                return await call.FailAsync($"{target.Name}: cannot convert indexed to associative array");
            }

            VariableStore.MakeAssociative(variable);
        }
        else if ((on & VariableAttributes.Indexed) != 0 && variable.Indexed is null)
        {
            if (variable.Associative is not null)
            {
                return await call.FailAsync($"{target.Name}: cannot convert associative to indexed array");
            }

            VariableStore.MakeIndexed(variable);
        }

        variable.Attributes = (variable.Attributes | (on & ~VariableAttributes.ReadOnly)) & ~(off & ~(VariableAttributes.Indexed | VariableAttributes.Associative));
        if ((on & VariableAttributes.Lower) != 0)
        {
            variable.Attributes &= ~VariableAttributes.Upper;
        }
        else if ((on & VariableAttributes.Upper) != 0)
        {
            variable.Attributes &= ~VariableAttributes.Lower;
        }

        await AssignAsync(shell, variable, target, compound, global);
        variable.Attributes |= on & VariableAttributes.ReadOnly;
        return 0;
    }

    private static async ValueTask AssignAsync(Interpreter shell, Variable variable, DeclarationArgument target, Assignment? compound, bool global)
    {
        if (compound is not null)
        {
            await shell.AssignElementsAsync(variable, compound);
        }
        else if (target.Value is not null && variable.Has(VariableAttributes.NameReference))
        {
            variable.Scalar = target.Value;
        }
        else if (target.Value is not null && target.Subscript is not null)
        {
            shell.Variables.SetElement(target.Name, target.Subscript, target.Value, target.Append);
        }
        else if (target.Value is not null && variable.IsArray && !target.Append && DeclarationArgument.IsCompound(target.Value))
        {
            // declare -a "name=( … )": the text is an assignment of its own.
            await shell.AssignTextAsync(variable, target.Value);
        }
        else if (target.Value is not null)
        {
            if (global && !ReferenceEquals(shell.Variables.FindRaw(target.Name), variable))
            {
                variable.Scalar = shell.Variables.Convert(variable, target.Value, target.Append ? variable.Scalar ?? "" : null);
            }
            else
            {
                shell.SetVariable(target.Name, target.Value, target.Append);
            }
        }
    }

    private async ValueTask<int> PrintAsync(BuiltinCall call, int from, VariableAttributes filter, bool declarations)
    {
        var shell = call.Shell;
        if (from >= call.Arguments.Count)
        {
            IEnumerable<Variable> all = shell.Variables.All;
            if (name == "local")
            {
                all = shell.Variables.LocalNames.Select(shell.Variables.FindRaw).OfType<Variable>();
            }

            var lines = all.Where(variable => filter == VariableAttributes.None || (variable.Attributes & filter) == filter)
                .Where(variable => declarations || filter != VariableAttributes.None || variable.Value is not null || variable.IsArray)
                .Select(variable => (declarations || filter != VariableAttributes.None) && name != "local"
                    ? Declarations.Declare(variable) : Declarations.Plain(variable));
            await shell.WriteAsync(string.Concat(lines.Select(static line => line + "\n")));
            return 0;
        }

        var status = 0;
        foreach (var wanted in call.Arguments.Skip(from))
        {
            var variable = shell.Variables.FindRaw(wanted) ?? (wanted is "PIPESTATUS" or "FUNCNAME" or "DIRSTACK" or "GROUPS" or "BASH_VERSINFO" ? shell.FindArray(wanted) : null);
            if (variable is null)
            {
                status = await call.FailAsync($"{wanted}: not found");
                continue;
            }

            await shell.WriteAsync(Declarations.Declare(variable) + "\n");
        }

        return status;
    }

    private static async ValueTask<int> FunctionsAsync(BuiltinCall call, int from, bool namesOnly, VariableAttributes on)
    {
        var shell = call.Shell;
        if (from >= call.Arguments.Count)
        {
            foreach (var (function, definition) in shell.Functions.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                await shell.WriteAsync(namesOnly
                    ? $"declare -f{(definition.Exported ? "x" : "")} {function}\n"
                    : CommandPrinter.PrintFunction(definition.Definition) + "\n");
            }

            return 0;
        }

        var status = 0;
        foreach (var wanted in call.Arguments.Skip(from))
        {
            if (!shell.Functions.TryGetValue(wanted, out var function))
            {
                status = 1;
                continue;
            }

            if (on != VariableAttributes.None)
            {
                shell.Functions[wanted] = function with
                {
                    Exported = function.Exported || (on & VariableAttributes.Export) != 0,
                    ReadOnly = function.ReadOnly || (on & VariableAttributes.ReadOnly) != 0,
                    Trace = function.Trace || (on & VariableAttributes.Trace) != 0,
                };
                continue;
            }

            await shell.WriteAsync(namesOnly ? wanted + "\n" : CommandPrinter.PrintFunction(function.Definition) + "\n");
        }

        return status;
    }
}

/// <summary>An argument name[subscript]+=value of a declaration.</summary>
internal sealed record DeclarationArgument(string Name, string? Subscript, bool Append, string? Value)
{
    public static DeclarationArgument Parse(string text)
    {
        var at = 0;
        while (at < text.Length && Names.IsNameCharacter(text[at]))
        {
            at++;
        }

        var name = text[..at];
        string? subscript = null;
        if (at < text.Length && text[at] == '[' && text.IndexOf(']', at) is var close && close > 0)
        {
            subscript = text[(at + 1)..close];
            at = close + 1;
        }

        if (at == text.Length)
        {
            return new(name, subscript, false, null);
        }

        var append = text[at] == '+' && at + 1 < text.Length && text[at + 1] == '=';
        if (append || text[at] == '=')
        {
            return new(name, subscript, append, text[(at + (append ? 2 : 1))..]);
        }

        return new(text, null, false, null);
    }

    public static bool IsCompound(string value) => value.Length > 1 && value[0] == '(' && value[^1] == ')';
}

/// <summary>export and readonly.</summary>
internal sealed class ExportBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => name == "export" ? "export [-fn] [name[=value] ...] or export -p" : "readonly [-aAf] [name[=value] ...] or readonly -p";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var attribute = name == "export" ? VariableAttributes.Export : VariableAttributes.ReadOnly;
        var scanner = new OptionScanner(call, name == "export" ? "fnp" : "aAfp");
        var letters = scanner.All();
        if (scanner.Index >= call.Arguments.Count)
        {
            foreach (var variable in shell.Variables.All.Where(variable => variable.Has(attribute)))
            {
                await shell.WriteAsync(Declarations.Declare(variable) + "\n");
            }

            return 0;
        }

        var status = 0;
        for (var i = scanner.Index; i < call.Arguments.Count; i++)
        {
            var argument = call.Arguments[i];
            if (letters.Contains('f'))
            {
                status = Math.Max(status, await MarkFunctionAsync(call, argument, attribute, letters.Contains('n')));
                continue;
            }

            var target = DeclarationArgument.Parse(argument);
            if (!Names.IsName(target.Name))
            {
                status = await call.FailAsync($"`{argument}': not a valid identifier");
                continue;
            }

            var variable = shell.Variables.GetOrCreate(target.Name);
            if (letters.Contains('A'))
            {
                VariableStore.MakeAssociative(variable);
            }
            else if (letters.Contains('a'))
            {
                VariableStore.MakeIndexed(variable);
            }

            if (call.Compounds?.GetValueOrDefault(i) is { } compound)
            {
                await shell.AssignElementsAsync(variable, compound);
            }
            else if (target.Value is not null)
            {
                if (variable.Has(VariableAttributes.ReadOnly))
                {
                    throw new ShellErrorException($"{target.Name}: readonly variable");
                }

                shell.SetVariable(target.Name, target.Value, target.Append);
                await shell.TraceLineAsync(shell.Options.Trace ? $"{target.Name}={Quoting.Traced(target.Value)}" : "");
            }

            variable.Attributes = letters.Contains('n') ? variable.Attributes & ~attribute : variable.Attributes | attribute;
        }

        return status;
    }

    private static async ValueTask<int> MarkFunctionAsync(BuiltinCall call, string wanted, VariableAttributes attribute, bool off)
    {
        if (!call.Shell.Functions.TryGetValue(wanted, out var function))
        {
            return await call.FailAsync($"{wanted}: not a function");
        }

        call.Shell.Functions[wanted] = attribute == VariableAttributes.Export ? function with { Exported = !off } : function with { ReadOnly = true };
        return 0;
    }
}

/// <summary>unset.</summary>
internal sealed class UnsetBuiltin : Builtin
{
    public override string Name => "unset";

    public override string Usage => "unset [-f] [-v] [-n] [name ...]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "fvn");
        var letters = scanner.All();
        if (letters.Contains('f') && letters.Contains('v'))
        {
            return await call.FailAsync("cannot simultaneously unset a function and a variable");
        }

        var status = 0;
        foreach (var argument in call.Arguments.Skip(scanner.Index))
        {
            var target = DeclarationArgument.Parse(argument);
            if (letters.Contains('f'))
            {
                shell.Functions.Remove(argument);
                continue;
            }

            if (!Names.IsName(target.Name))
            {
                if (!letters.Contains('v') && shell.Functions.Remove(argument))
                {
                    continue;
                }

                status = await call.FailAsync($"`{argument}': not a valid identifier");
                continue;
            }

            if (target.Subscript is not null && shell.Variables.Find(target.Name) is { } array)
            {
                if (!await TryUnsetElementAsync(call, array, target))
                {
                    status = 1;
                }

                continue;
            }

            if (shell.Variables.FindRaw(target.Name) is null && !letters.Contains('v') && shell.Functions.Remove(target.Name))
            {
                continue;
            }

            if (!(letters.Contains('n') ? shell.Variables.Unset(target.Name) : shell.UnsetVariable(target.Name)))
            {
                status = await call.FailAsync($"{target.Name}: cannot unset: readonly variable");
            }
        }

        return status;
    }

    private static async ValueTask<bool> TryUnsetElementAsync(BuiltinCall call, Variable array, DeclarationArgument target)
    {
        if (array.Has(VariableAttributes.ReadOnly))
        {
            await call.FailAsync($"{array.Name}: cannot unset: readonly variable");
            return false;
        }

        if (array.Associative is not null)
        {
            array.Associative.Remove(target.Subscript!);
            return true;
        }

        if (target.Subscript is "@" or "*")
        {
            array.Indexed?.Clear();
            return true;
        }

        if (call.Shell.Variables.IndexOf(array, target.Subscript!) is not { } index)
        {
            await call.FailAsync($"[{target.Subscript}]: bad array subscript");
            return false;
        }

        if (array.Indexed is null && index == 0)
        {
            call.Shell.Variables.Unset(array.Name);
        }

        array.Indexed?.Remove(index);
        return true;
    }
}
