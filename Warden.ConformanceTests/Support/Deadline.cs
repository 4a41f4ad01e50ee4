using System.Diagnostics;

namespace Warden.ConformanceTests.Support;

/// <summary>How long a test waits for what must come, and how it waits: for a condition, never for a time.</summary>
public static class Deadline
{
    private const double Usual = 30;

    /// <summary>Seconds from WARDEN_DEADLINE, 30 if unset: far above what any server needs, as slow machines run this suite too.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("WARDEN_DEADLINE"), out var seconds) ? seconds : Usual);

    /// <summary>How many times slower than usual the machine may be, by its deadline; 1 at least.</summary>
    public static double Slowness { get; } = Math.Max(1, Default.TotalSeconds / Usual);

    /// <summary>Asks again until the condition holds.</summary>
    public static Task UntilAsync(string what, Func<Task<bool>> condition) =>
        UntilAsync(what, async () => await condition() ? what : null);

    /// <summary>Asks again until there is a value.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T?>> probe)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        for (var pause = 2; ; pause = Math.Min(pause * 2, 50))
        {
            if (await probe() is { } value)
            {
                return value;
            }

            if (watch.Elapsed > Default)
            {
                throw new TimeoutException($"not within {Default}: {what}");
            }

            await Task.Delay(pause);
        }
    }

    /// <summary>Waits for a task, and says what it waited for when it does not come.</summary>
    public static async Task<T> WithinAsync<T>(string what, Task<T> task, TimeSpan? within = null)
    {
        try
        {
            return await task.WaitAsync(within ?? Default);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"not within {within ?? Default}: {what}");
        }
    }
}
