using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>Waits for the network as a process: it counts as sleeping meanwhile, and a kill ends the wait.</summary>
internal static class Blocking
{
    public static async ValueTask<T> OnAsync<T>(Process process, ValueTask<T> call)
    {
        if (call.IsCompleted)
        {
            return await call.ConfigureAwait(false);
        }
        var task = call.AsTask();
        await process.WaitForAsync(task).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    public static async ValueTask OnAsync(Process process, ValueTask call)
    {
        if (call.IsCompleted)
        {
            await call.ConfigureAwait(false);
            return;
        }
        var task = call.AsTask();
        await process.WaitForAsync(task).ConfigureAwait(false);
        await task.ConfigureAwait(false);
    }
}
