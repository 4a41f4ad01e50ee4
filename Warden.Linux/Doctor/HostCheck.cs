using Warden.Spec;

namespace Warden.Linux.Doctor;

/// <summary>How one feature is looked for. It changes nothing that stays.</summary>
/// <param name="Area">What the feature belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Needed">Whether a server does not start without it.</param>
/// <param name="Without">What happens without it.</param>
/// <param name="Mend">What brings it.</param>
/// <param name="Look">Looks. What it fails with is why the feature is lacking.</param>
internal sealed record HostCheck(string Area, string Name, bool Needed, string Without, string Mend, Func<Finding> Look)
{
    /// <summary>Whether it tries things that a namespace of its own keeps from the host.</summary>
    public bool InSandbox { get; init; }

    /// <summary>Looks, and says what was found.</summary>
    public Feature Run()
    {
        try
        {
            return Describe(Look());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WardenException)
        {
            return Describe(Finding.Lack(e.Message.TrimEnd('.')));
        }
    }

    /// <summary>The feature with a finding.</summary>
    public Feature Describe(Finding finding) => new(Area, Name, Needed, finding.State, finding.Text, Without, finding.Mend ?? Mend);
}
