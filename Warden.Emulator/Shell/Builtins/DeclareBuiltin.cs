using Warden.Emulator.Shell.Execution;
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
