namespace Warden.Linux.Doctor;

/// <summary>Whether the host has a feature.</summary>
internal enum FeatureState
{
    /// <summary>It is there, and was tried where trying is possible.</summary>
    Have,

    /// <summary>It is not.</summary>
    Lack,

    /// <summary>This configuration does without.</summary>
    NotNeeded,
}

/// <summary>What a look at one feature has found.</summary>
/// <param name="State">Whether it is there.</param>
/// <param name="Text">What was seen, or why it is lacking, in a phrase.</param>
/// <param name="Mend">What mends it, where that depends on what was found.</param>
internal readonly record struct Finding(FeatureState State, string Text, string? Mend = null)
{
    public static Finding Have(string text) => new(FeatureState.Have, text);

    public static Finding Lack(string text, string? mend = null) => new(FeatureState.Lack, text, mend);

    public static Finding NotNeeded(string text) => new(FeatureState.NotNeeded, text);
}

/// <summary>A feature of the host, as it was found.</summary>
/// <param name="Area">What it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Needed">Whether a server does not start without it.</param>
/// <param name="State">Whether it is there.</param>
/// <param name="Text">What was seen, or why it is lacking.</param>
/// <param name="Without">What happens without it.</param>
/// <param name="Mend">What brings it.</param>
internal sealed record Feature(string Area, string Name, bool Needed, FeatureState State, string Text, string Without, string Mend)
{
    /// <summary>Whether this keeps a server from starting.</summary>
    public bool IsObstacle => Needed && State == FeatureState.Lack;
}
