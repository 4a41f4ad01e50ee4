namespace Warden.Spec.Commands;

/// <summary>What a handler works with.</summary>
internal sealed class CommandContext
{
}
