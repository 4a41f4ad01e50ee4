using Warden.Spec.Cli;

namespace Warden.Emulator.Commands;

/// <summary>
/// <c>warden-emulator exec SCRIPT</c>: an emulator of its own, a container, the script in it; its output as it comes, its status, and
/// nothing left.
/// </summary>
internal static class ExecCommand
{
    public static async Task<int> RunAsync(string script, bool privileged, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        await using var warden = await WardenEmulator.StartAsync(cancellationToken: interruption.Token).ConfigureAwait(false);
        var handle = await warden.Client.CreateAsync(interruption.Token).ConfigureAwait(false);
        return await ScriptRun.RunAsync(warden.Client, handle, script, privileged, interruption.Token).ConfigureAwait(false);
    }
}
