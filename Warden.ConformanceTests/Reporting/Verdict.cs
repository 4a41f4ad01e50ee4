namespace Warden.ConformanceTests.Reporting;

/// <summary>What is said of a test or a clause on a target.</summary>
public enum Verdict
{
    /// <summary>Every test of it ran and passed.</summary>
    Pass,

    /// <summary>It failed, as is known and has a reason in the file of known differences.</summary>
    KnownDifference,

    /// <summary>It passed where a difference is known: the file is wrong, or the test is.</summary>
    UnexpectedPass,

    /// <summary>A test of it failed.</summary>
    Fail,

    /// <summary>A test of it could not run on the target, or did not. Never a pass.</summary>
    NotJudged,

    /// <summary>It is about something that the target is not, such as the emulator as a library.</summary>
    NotApplicable,
}
