namespace Warden.Spec.Commands;

/// <summary>Texts that clients match (protocol.md §3).</summary>
internal static class CommandErrors
{
    public const string UnknownHandle = "unknown handle";
    public const string NoSuchJob = "no such job";
}
