using System.Diagnostics;

namespace Warden.Bench;

/// <summary>Times of one operation, repeated.</summary>
internal static class Samples
{
    /// <summary>The median in microseconds of <paramref name="count"/> runs after <paramref name="warmUp"/> that are not counted.</summary>
    public static async Task<double> MedianAsync(int warmUp, int count, Func<int, Task> operation)
    {
        for (var i = 0; i < warmUp; i++)
        {
            await operation(i).ConfigureAwait(false);
        }

        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await operation(warmUp + i).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
        }

        return Median(times);
    }

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
