using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

/// <summary>The resource limits of a process. Never changed in place, so that children share their parent's.</summary>
internal sealed class LimitTable
{
    /// <summary>fs.nr_open: what the kernel grants nobody more of, root included.</summary>
    internal const ulong MaxOpenFiles = 1 << 20;

    private const int Count = (int)ResourceLimit.Stack + 1;

    private readonly (ulong Soft, ulong Hard)[] _values;

    private LimitTable((ulong Soft, ulong Hard)[] values) => _values = values;

    /// <summary>The limits of a job for which nothing else was asked.</summary>
    internal static LimitTable Default { get; } = From(ResourceLimitSet.Default);

    internal (ulong Soft, ulong Hard) this[ResourceLimit limit] => _values[(int)limit];

    /// <summary>Limits whose soft values are their hard ones.</summary>
    internal static LimitTable From(ResourceLimitSet set)
    {
        var values = new (ulong, ulong)[Count];
        for (var i = 0; i < Count; i++)
        {
            var value = set[(ResourceLimit)i];
            values[i] = (value, value);
        }

        return new LimitTable(values);
    }

    internal LimitTable With(ResourceLimit limit, ulong soft, ulong hard)
    {
        var values = ((ulong, ulong)[])_values.Clone();
        values[(int)limit] = (soft, hard);
        return new LimitTable(values);
    }
}
