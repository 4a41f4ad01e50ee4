namespace Warden.Linux.Cgroups;

/// <summary>
/// CPU shares, 2 to 262144, as weights of cgroup v2, 1 to 10000. Neither a straight line nor a power keeps the least, the usual and the most
/// where they are; the curve of the OCI's runtimes does: 2 is 1, 1024 is 100, which every new group has, and 262144 is 10000.
/// </summary>
internal static class CpuWeight
{
    private const ulong LeastShares = 2;
    private const ulong MostShares = 262144;
    private const ulong MostWeight = 10000;

    // log10(weight) = (x * x + 125 * x) / 612 - 7 / 34, where x is log2(shares): 1, 10 and 18 give 0, 2 and 4.
    private const double Linear = 125;
    private const double Divisor = 612;
    private const double Offset = 7.0 / 34;

    /// <summary>The weight of so many shares.</summary>
    public static ulong FromShares(ulong shares)
    {
        var exponent = Math.Log2(Math.Clamp(shares, LeastShares, MostShares));
        var weight = Math.Pow(10, (((exponent * exponent) + (Linear * exponent)) / Divisor) - Offset);
        return Math.Clamp((ulong)Math.Round(weight), 1, MostWeight);
    }

    /// <summary>The shares that weigh so much, nearly: there are more shares than weights.</summary>
    public static ulong ToShares(ulong weight)
    {
        var product = (Math.Log10(Math.Clamp(weight, 1, MostWeight)) + Offset) * Divisor;
        var exponent = (Math.Sqrt((Linear * Linear) + (4 * product)) - Linear) / 2;
        return Math.Clamp((ulong)Math.Round(Math.Pow(2, exponent)), LeastShares, MostShares);
    }
}
