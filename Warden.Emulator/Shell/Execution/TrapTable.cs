using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The traps of a shell, by signal number; 0 is EXIT and what is no signal has negative numbers.</summary>
internal sealed class TrapTable
{
    public const int Exit = 0;
    public const int Debug = -1;
    public const int Error = -2;
    public const int Return = -3;

    private readonly Dictionary<int, string> _actions;
    private readonly bool _inherited;

    public TrapTable()
        : this([], false)
    {
    }

    private TrapTable(Dictionary<int, string> actions, bool inherited)
    {
        _actions = actions;
        _inherited = inherited;
    }

    /// <summary>Whether a trap is set that this shell runs.</summary>
    public bool Any { get; private set; }

    /// <summary>Whether these are of the parent: listed until one is changed, never run.</summary>
    public bool Inherited => _inherited && !_changed;

    private bool _changed;

    /// <summary>All of them by number, pseudo signals last.</summary>
    public IEnumerable<(int Number, string Action)> All =>
        _actions.OrderBy(static pair => pair.Key < 0 ? 1000 - pair.Key : pair.Key).Select(static pair => (pair.Key, pair.Value));

    public string? Get(int number) => Inherited && !(number is Error or Debug or Return) ? null : _actions.GetValueOrDefault(number);

    public string? GetListed(int number) => _actions.GetValueOrDefault(number);

    /// <summary>Removes a trap that runs once.</summary>
    public string? Take(int number)
    {
        var action = Get(number);
        if (action is not null)
        {
            _actions.Remove(number);
        }

        return action;
    }

    /// <summary>Sets a trap; null is the default action again.</summary>
    public void Set(int number, string? action)
    {
        if (Inherited)
        {
            // The first change forgets what the parent had; what it ignored stays ignored.
            foreach (var (key, value) in _actions.ToArray())
            {
                if (value.Length > 0)
                {
                    _actions.Remove(key);
                }
            }

            _changed = true;
        }

        if (action is null)
        {
            _actions.Remove(number);
        }
        else
        {
            _actions[number] = action;
        }

        Any = _actions.Values.Any(static value => value.Length > 0);
    }

    /// <summary>The traps as a subshell sees them.</summary>
    public TrapTable Clone() => new(new(_actions), true);

    /// <summary>The signals whose trap does not reach a child.</summary>
    public IReadOnlyList<Signal> ResetForChild()
    {
        if (_actions.Count == 0)
        {
            return [];
        }

        return [.. _actions.Where(static pair => pair.Key > 0 && pair.Value.Length > 0).Select(static pair => (Signal)pair.Key)];
    }
}
