using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

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
