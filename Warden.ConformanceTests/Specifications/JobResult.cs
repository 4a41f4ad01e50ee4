using Warden.ConformanceTests.Wire;

namespace Warden.ConformanceTests.Specifications;

/// <summary>How a job ended: the answer to Run or Link.</summary>
public sealed record JobResult(WireMessage Message)
{
    public ulong Status => Message.Number("exit_status");

    public string Output => Message.Text("stdout");

    public string Error => Message.Text("stderr");

    public WireMessage Info => Message.Message("info");

    public override string ToString() => Message.ToString();
}
