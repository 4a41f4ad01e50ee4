using System.Globalization;
using Warden.Spec.Backend;

namespace Warden.Linux.Cgroups;

/// <summary>How many processes and threads containers may have at a time, so that the host always has numbers left for its own.</summary>
/// <param name="Total">All containers together.</param>
/// <param name="Each">One container; 0 where nothing but the total bounds it.</param>
internal readonly record struct ProcessBounds(int Total, int Each)
{
    private const int LeastOfHost = 4096;
    private const int HostShare = 8;
    private const string NumbersPath = "/proc/sys/kernel/pid_max";

    /// <summary>The bounds of this host.</summary>
    public static ProcessBounds OfHost(BackendSettings settings) =>
        Of(int.Parse(File.ReadAllText(NumbersPath), CultureInfo.InvariantCulture), settings);

    /// <summary>
    /// The host keeps an eighth of the numbers, and no fewer than 4096; of a host that has so few that nothing would be left, half. One container has
    /// what the configuration says, or by default no more than half of what all have.
    /// </summary>
    /// <param name="numbers">How many processes the kernel has numbers for (pid_max of proc(5)).</param>
    /// <param name="settings">The configuration.</param>
    public static ProcessBounds Of(int numbers, BackendSettings settings)
    {
        var total = Math.Max(numbers - Math.Max(numbers / HostShare, LeastOfHost), numbers / 2);
        var each = settings.AllowNestedWarden ? 0 : settings.ProcessLimit;
        return new ProcessBounds(total, each == BackendSettings.DefaultProcessLimit ? Math.Min(each, total / 2) : each);
    }
}
