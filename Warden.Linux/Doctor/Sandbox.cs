using Warden.Linux.Doctor.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Doctor;

/// <summary>
/// A thread in namespaces of its own: what is mounted there, and every interface and rule, is nobody else's and gone with it. unshare(2)
/// moves the calling thread alone, and the thread is of no further use: it ends with its work.
/// </summary>
internal static class Sandbox
{
    /// <summary>Runs the checks one after the other.</summary>
    public static IReadOnlyList<Feature> Run(IReadOnlyList<HostCheck> checks)
    {
        if (checks.Count == 0)
        {
            return [];
        }

        IReadOnlyList<Feature> features = [];
        var thread = new Thread(() => features = Enter() is { } obstacle
            ? [.. checks.Select(check => check.Describe(Finding.Lack(obstacle)))]
            : [.. checks.Select(check => check.Run())])
        {
            Name = "sandbox",
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        return features;
    }

    private static string? Enter()
    {
        try
        {
            NamespaceCalls.Unshare(NamespaceCalls.OfContainers);
            NamespaceCalls.MakeMountsPrivate();
            return null;
        }
        catch (LinuxException e)
        {
            return $"it cannot be tried: {e.Message}";
        }
    }
}
