using System.Diagnostics;

namespace Warden.Bench.Kernel;

/// <summary>
/// Several operations measured in turns, so that whatever else the machine does meets all alike. Their order is drawn in each round: what
/// the kernel still does for the one before meets all alike, too.
/// </summary>
internal sealed class Turns
{
    /// <summary>Medians are of this many.</summary>
    public const int Count = 31;

    private const int WarmUp = 5;
    private readonly List<(Func<Task> Prepare, Func<Task> Operation, Func<Task> Undo)> _operations = [];

    /// <summary>Adds one; what is before and after it is not counted.</summary>
    public void Add(Func<Task> operation, Func<Task>? prepare = null, Func<Task>? undo = null) =>
        _operations.Add((prepare ?? Nothing, operation, undo ?? Nothing));

    /// <summary>Adds one that blocks.</summary>
    public void Add(Action operation, Action? prepare = null, Action? undo = null) => Add(AsTask(operation), AsTask(prepare), AsTask(undo));

    /// <summary>The medians in milliseconds, in the order in which they were added.</summary>
    public async Task<double[]> MeasureAsync(int count = Count, int warmUp = WarmUp)
    {
        var times = _operations.Select(_ => new double[count]).ToArray();
        var order = Enumerable.Range(0, _operations.Count).ToArray();
        var random = new Random(1);
        for (var round = -warmUp; round < count; round++)
        {
            random.Shuffle(order);
            foreach (var which in order)
            {
                var (prepare, operation, undo) = _operations[which];
                await prepare().ConfigureAwait(false);
                var since = Stopwatch.GetTimestamp();
                await operation().ConfigureAwait(false);
                var time = Stopwatch.GetElapsedTime(since);
                await undo().ConfigureAwait(false);
                if (round >= 0)
                {
                    times[which][round] = time.TotalMilliseconds;
                }
            }
        }

        return [.. times.Select(Samples.Median)];
    }

    private static Task Nothing() => Task.CompletedTask;

    private static Func<Task> AsTask(Action? action) => () =>
    {
        action?.Invoke();
        return Task.CompletedTask;
    };
}
