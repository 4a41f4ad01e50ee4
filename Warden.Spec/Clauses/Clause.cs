using Warden.Spec.Protocol;

namespace Warden.Spec.Clauses;

/// <summary>One numbered requirement of the Warden protocol, which tests name and reports count.</summary>
/// <param name="Id">The stable id, such as WRD-CREATE-001. An id that was given is never used for anything else.</param>
/// <param name="Level">How binding it is.</param>
/// <param name="Sentence">What a server does.</param>
/// <param name="Section">The section of the protocol reference that it comes from, such as "§3 Identity".</param>
/// <param name="AppliesTo">What it is judged on.</param>
public sealed record Clause(string Id, ClauseLevel Level, string Sentence, string Section, ClauseScope AppliesTo)
{
    /// <summary>The id's middle part, such as CREATE: the feature that the clause belongs to.</summary>
    public string Feature => Id.Split('-')[1];
}

/// <summary>How binding a clause is.</summary>
public enum ClauseLevel
{
    /// <summary>A server that breaks it is not a Warden server.</summary>
    Must,

    /// <summary>A server has a reason to break it and says so.</summary>
    Should,

    /// <summary>A fact that is reported and not judged.</summary>
    Info,
}

/// <summary>What a clause is judged on.</summary>
/// <param name="Needs">What a target must offer.</param>
/// <param name="Commands">The commands that it says something about; empty where it is about none in particular.</param>
public sealed record ClauseScope(ClauseNeeds Needs, IReadOnlyList<Message.Types.Type> Commands);

/// <summary>What a target must offer for a clause to be judged on it.</summary>
[Flags]
public enum ClauseNeeds
{
    /// <summary>A socket that answers.</summary>
    None = 0,

    /// <summary>A server started with a configuration of the test's own.</summary>
    OwnConfiguration = 1,

    /// <summary>A server that can be drained, crashed and started again over the same containers.</summary>
    Restart = 2,

    /// <summary>Containers made by a Linux kernel.</summary>
    LinuxKernel = 4,

    /// <summary>Root on the host, for the server and the tests.</summary>
    Root = 8,

    /// <summary>The server's own executable and its process.</summary>
    Executable = 16,

    /// <summary>The emulator started by the test itself, in its process.</summary>
    InProcess = 32,

    /// <summary>An executable whose machine ends with its standard input.</summary>
    Supervision = 64,

    /// <summary>The types of Warden.Spec, which are no server's.</summary>
    Library = 128,
}
