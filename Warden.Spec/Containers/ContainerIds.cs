namespace Warden.Spec.Containers;

/// <summary>
/// Makes container ids: a microsecond clock at the start, counted up, written as 11 digits of base 32, so that <c>w-ID-0</c> fits the
/// 15 characters of an interface's name (protocol.md §3).
/// </summary>
internal sealed class ContainerIds
{
    private const int Length = 11;
    private const string Digits = "0123456789abcdefghijklmnopqrstuv";
    private const string CounterName = "container_id";

    // Ids are reserved in the depot in blocks, so that a clock that was set back and a server that was killed repeat none.
    private const ulong Block = 4096;

    private const ulong Farthest = 1UL << 54;

    private readonly Lock _lock = new();
    private readonly EngineEnvironment _environment;
    private ulong _next;
    private ulong _reserved;

    public ContainerIds(EngineEnvironment environment, IEnumerable<string> depotEntries)
    {
        _environment = environment;
        var clock = (ulong)((environment.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

        // Some foreign entry may look like an id of a far future, from which there is no counting on.
        var newest = depotEntries.Select(Parse).Where(value => value < Farthest).Max() ?? 0;
        _next = Math.Max(Math.Max(clock, newest + 1), environment.Depot.ReadCounter(CounterName));
    }

    /// <summary>A new id.</summary>
    public string Next()
    {
        ulong value;
        lock (_lock)
        {
            value = _next++;
            if (_next > _reserved)
            {
                _reserved = _next + Block;
                _environment.WriteCounter(CounterName, _reserved);
            }
        }

        return string.Create(Length, value, static (text, value) =>
        {
            for (var index = text.Length - 1; index >= 0; index--)
            {
                text[index] = Digits[(int)(value & 31)];
                value >>= 5;
            }
        });
    }

    /// <summary>Whether a name has the shape of an id.</summary>
    public static bool IsId(string name) => Parse(name) is not null;

    private static ulong? Parse(string name)
    {
        if (name.Length != Length)
        {
            return null;
        }

        ulong value = 0;
        foreach (var character in name)
        {
            var digit = Digits.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            value = (value << 5) | (uint)digit;
        }

        return value;
    }
}
