namespace Warden.ConformanceTests.Targets;

/// <summary>Where a target's hosts are: a machine, and what they share on it, from their first use to the end of the run.</summary>
/// <param name="start">Gets the machine.</param>
internal sealed class LinuxSite(Func<Task<LinuxMachine>> start)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private LinuxRun? _current;
    private Exception? _failure;

    /// <summary>The machine that the tests run on.</summary>
    public static LinuxSite Here { get; } = new(() => Task.FromResult<LinuxMachine>(new LinuxLocalMachine()));

    /// <summary>What is there, or is made now. What could not be made once is not tried again for every test.</summary>
    public async Task<LinuxRun> CurrentAsync()
    {
        await _gate.WaitAsync();
        try
        {
            return _failure is null
                ? _current ??= await LinuxRun.StartAsync(await start())
                : throw new InvalidOperationException(_failure.Message, _failure);
        }
#pragma warning disable CA1031 // It is thrown again, here and at the next call.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure ??= exception;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is { } run)
        {
            await run.DisposeAsync();
        }
    }
}
