namespace Warden.ConformanceTests.Wire;

/// <summary>One answer.</summary>
/// <param name="Command">The name of its type: the command's, or Error.</param>
/// <param name="Message">What it carries.</param>
public sealed record WireReply(string Command, WireMessage Message)
{
    public bool IsError => Command == "Error";

    /// <summary>The text of an Error.</summary>
    public string Error => Message.Text("message");
}
