using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The variables of a shell, with the scopes that functions and temporary assignments open.</summary>
internal sealed class VariableStore
{
    private readonly Dictionary<string, Variable> _variables;
    private readonly List<Scope> _scopes;

    public VariableStore()
        : this(new(StringComparer.Ordinal), [])
    {
    }

    private VariableStore(Dictionary<string, Variable> variables, List<Scope> scopes)
    {
        _variables = variables;
        _scopes = scopes;
    }

    /// <summary>Called after a variable changed or went away.</summary>
    public Action<string>? Changed { get; set; }

    /// <summary>Accounts memory of long values.</summary>
    public Action<long>? Account { get; set; }

    /// <summary>Evaluates the arithmetic of integer variables.</summary>
    public Func<string, long> Evaluate { get; set; } = static _ => 0;

    public IEnumerable<Variable> All => _variables.Values.OrderBy(static variable => variable.Name, StringComparer.Ordinal);

    /// <summary>In the order of their making, as the environment keeps it.</summary>
    public IEnumerable<Variable> Unordered => _variables.Values;

    public bool InFunction => _scopes.Exists(static scope => scope.Function);

    public Variable? FindRaw(string name) => _variables.GetValueOrDefault(name);

    /// <summary>The variable, through name references.</summary>
    public Variable? Find(string name)
    {
        var variable = _variables.GetValueOrDefault(name);
        for (var depth = 0; variable is not null && variable.Has(VariableAttributes.NameReference) && depth < 8; depth++)
        {
            if (string.IsNullOrEmpty(variable.Scalar))
            {
                return variable;
            }

            name = variable.Scalar;
            var bracket = name.IndexOf('[', StringComparison.Ordinal);
            if (bracket >= 0)
            {
                name = name[..bracket];
            }

            variable = _variables.GetValueOrDefault(name);
        }

        return variable;
    }

    /// <summary>The name that a name reference leads to.</summary>
    public string Resolve(string name)
    {
        for (var depth = 0; depth < 8; depth++)
        {
            if (_variables.GetValueOrDefault(name) is not { } variable || !variable.Has(VariableAttributes.NameReference)
                || string.IsNullOrEmpty(variable.Scalar))
            {
                return name;
            }

            name = variable.Scalar;
        }

        return name;
    }

    public Variable GetOrCreate(string name)
    {
        name = Resolve(name);
        if (!_variables.TryGetValue(name, out var variable))
        {
            variable = new(name);
            _variables[name] = variable;
        }

        return variable;
    }

    public void Set(string name, string value, bool append = false)
    {
        var resolved = Resolve(name);
        var bracket = resolved.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0 && resolved.EndsWith(']'))
        {
            SetElement(resolved[..bracket], resolved[(bracket + 1)..^1], value, append);
            return;
        }

        var variable = GetOrCreate(resolved);
        CheckWritable(variable);
        if (variable.Indexed is not null)
        {
            variable.Indexed[0] = Convert(variable, value, append ? variable.Indexed.GetValueOrDefault(0) ?? "" : null);
        }
        else if (variable.Associative is not null)
        {
            variable.Associative["0"] = Convert(variable, value, append ? variable.Associative.GetValueOrDefault("0") ?? "" : null);
        }
        else
        {
            var old = variable.Scalar;
            variable.Scalar = Convert(variable, value, append ? old ?? "" : null);
            AccountFor(old, variable.Scalar);
        }

        Changed?.Invoke(resolved);
    }

    /// <summary>Sets an element; the subscript is expanded, and evaluated here for an indexed array.</summary>
    public void SetElement(string name, string subscript, string value, bool append = false)
    {
        var variable = GetOrCreate(name);
        CheckWritable(variable);
        if (variable.Associative is not null)
        {
            variable.Associative[subscript] = Convert(variable, value, append ? variable.Associative.GetValueOrDefault(subscript) ?? "" : null);
            return;
        }

        MakeIndexed(variable);
        var index = IndexOf(variable, subscript) ?? throw new ShellErrorException($"{name}[{subscript}]: bad array subscript");
        variable.Indexed![index] = Convert(variable, value, append ? variable.Indexed.GetValueOrDefault(index) ?? "" : null);
        AccountFor(null, value);
    }

    public string? GetElement(Variable variable, string subscript)
    {
        if (variable.Associative is not null)
        {
            return variable.Associative.GetValueOrDefault(subscript);
        }

        var index = IndexOf(variable, subscript) ?? throw new ShellErrorException($"{variable.Name}: bad array subscript");
        return variable.Indexed is not null ? variable.Indexed.GetValueOrDefault(index) : index == 0 ? variable.Scalar : null;
    }

    /// <summary>The index that a subscript means; null when it is negative beyond the beginning.</summary>
    public long? IndexOf(Variable variable, string subscript)
    {
        var index = Evaluate(subscript);
        if (index < 0)
        {
            index += variable.Indexed is { Count: > 0 } indexed ? indexed.Keys.Last() + 1 : variable.Scalar is null ? 0 : 1;
        }

        return index < 0 ? null : index;
    }

    public static void MakeIndexed(Variable variable)
    {
        if (variable.Indexed is null && variable.Associative is null)
        {
            variable.Indexed = [];
            variable.Attributes |= VariableAttributes.Indexed;
            if (variable.Scalar is not null)
            {
                variable.Indexed[0] = variable.Scalar;
                variable.Scalar = null;
            }
        }
    }

    public static void MakeAssociative(Variable variable)
    {
        if (variable.Associative is null)
        {
            variable.Associative = new(StringComparer.Ordinal);
            variable.Attributes |= VariableAttributes.Associative;
            variable.Scalar = null;
        }
    }

    public static void CheckWritable(Variable variable)
    {
        if (variable.Has(VariableAttributes.ReadOnly))
        {
            throw new ShellErrorException($"{variable.Name}: readonly variable");
        }
    }

    /// <summary>Removes a variable; false when it is read-only.</summary>
    public bool Unset(string name)
    {
        if (!_variables.TryGetValue(name, out var variable))
        {
            return true;
        }

        if (variable.Has(VariableAttributes.ReadOnly))
        {
            return false;
        }

        AccountFor(variable.Scalar, null);

        // A local variable stays local and unset, as in bash: the outer one does not show through.
        if (_scopes.Count > 0 && _scopes[^1].Saved.ContainsKey(name))
        {
            _variables[name] = new(name);
        }
        else
        {
            _variables.Remove(name);
        }

        Changed?.Invoke(name);
        return true;
    }

    /// <summary>The value with what the attributes do to it.</summary>
    public string Convert(Variable variable, string value, string? before)
    {
        if (variable.Has(VariableAttributes.Integer))
        {
            var number = Evaluate(value);
            if (before is not null)
            {
                number += Evaluate(before);
            }

            return number.ToString();
        }

        value = before + value;
        return variable.Has(VariableAttributes.Lower)
            ? value.ToLowerInvariant()
            : variable.Has(VariableAttributes.Upper) ? value.ToUpperInvariant() : value;
    }

    public void PushScope(bool function) => _scopes.Add(new(function));

    public void PopScope()
    {
        var scope = _scopes[^1];
        _scopes.RemoveAt(_scopes.Count - 1);
        foreach (var (name, variable) in scope.Saved)
        {
            if (variable is null)
            {
                _variables.Remove(name);
            }
            else
            {
                _variables[name] = variable;
            }

            Changed?.Invoke(name);
        }
    }

    /// <summary>A variable of the innermost function's own.</summary>
    public Variable MakeLocal(string name)
    {
        var index = _scopes.FindLastIndex(static scope => scope.Function);
        return MakeLocal(name, _scopes[index], inherit: index < _scopes.Count - 1);
    }

    /// <summary>A variable of the innermost scope's own, such as a temporary assignment.</summary>
    public Variable MakeTemporary(string name) => MakeLocal(name, _scopes[^1], inherit: false);

    /// <summary>The global variable of that name, whatever hides it.</summary>
    public Variable GetGlobal(string name)
    {
        foreach (var scope in _scopes)
        {
            if (scope.Saved.TryGetValue(name, out var outer))
            {
                if (outer is null)
                {
                    outer = new(name);
                    scope.Saved[name] = outer;
                }

                return outer;
            }
        }

        return GetOrCreate(name);
    }

    public bool IsLocal(string name) => _scopes.Exists(scope => scope.Function && scope.Saved.ContainsKey(name));

    /// <summary>The names that the innermost function made its own.</summary>
    public IEnumerable<string> LocalNames => _scopes.FindLast(static scope => scope.Function)?.Saved.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();

    /// <summary>A copy for a subshell.</summary>
    public VariableStore Clone()
    {
        var variables = new Dictionary<string, Variable>(_variables.Count, StringComparer.Ordinal);
        foreach (var (name, variable) in _variables)
        {
            variables[name] = variable.Clone();
        }

        return new(variables, [.. _scopes.Select(static scope => scope.Clone())]);
    }

    private Variable MakeLocal(string name, Scope scope, bool inherit)
    {
        if (scope.Saved.ContainsKey(name))
        {
            return GetOrCreate(name);
        }

        var old = _variables.GetValueOrDefault(name);
        scope.Saved[name] = old;
        var variable = new Variable(name);
        if (old is not null && (old.Has(VariableAttributes.Export) || inherit))
        {
            variable.Attributes |= old.Attributes & VariableAttributes.Export;
        }

        _variables[name] = variable;
        return variable;
    }

    private void AccountFor(string? old, string? value)
    {
        const int Noticeable = 4096;
        var change = (value?.Length > Noticeable ? value.Length : 0L) - (old?.Length > Noticeable ? old.Length : 0L);
        if (change != 0)
        {
            Account?.Invoke(change);
        }
    }

    private sealed class Scope(bool function)
    {
        public bool Function { get; } = function;

        public Dictionary<string, Variable?> Saved { get; } = new(StringComparer.Ordinal);

        public Scope Clone()
        {
            var clone = new Scope(Function);
            foreach (var (name, variable) in Saved)
            {
                clone.Saved[name] = variable?.Clone();
            }

            return clone;
        }
    }
}
