namespace Warden.ConformanceTests.Reporting;

/// <summary>A runner that makes the report itself.</summary>
internal interface IOutcomeReceiver
{
    /// <summary>Takes all outcomes at the end of a run, and why that end failed.</summary>
    void Receive(IReadOnlyList<Outcome> outcomes, Exception? fault);
}
