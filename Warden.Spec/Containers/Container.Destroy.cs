using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>The container's end.</summary>
internal sealed partial class Container
{
    private const string DestroyFailed = "destroy failed: ";

    private TaskCompletionSource<bool>? _destroying;
    private bool _isRetried;

    /// <summary>
    /// Stops the container and removes it from its backend. Of several calls one does it; the others wait for it, and try themselves
    /// when it fails.
    /// </summary>
    /// <param name="keepJobIds">Keeps in the depot the last id that a job of the container was given; called before the snapshot goes.</param>
    /// <returns>Whether this call did it; false when the container is gone by another one's hand.</returns>
    public async Task<bool> DestroyAsync(Action<uint> keepJobIds)
    {
        while (true)
        {
            TaskCompletionSource<bool> attempt;
            var isMine = false;
            lock (_lock)
            {
                if (_state == ContainerState.Destroyed)
                {
                    return false;
                }

                isMine = _destroying is null;
                attempt = _destroying ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (!isMine)
            {
                if (await attempt.Task.ConfigureAwait(false))
                {
                    return false;
                }

                continue;
            }

            try
            {
                await StopAndRemoveAsync(keepJobIds).ConfigureAwait(false);
                return true;
            }
            finally
            {
                bool gone;
                lock (_lock)
                {
                    gone = _state == ContainerState.Destroyed;
                    _destroying = null;
                }

                attempt.SetResult(gone);
            }
        }
    }

    /// <summary>Keeps as an event why the container is still there.</summary>
    public void NoteFailedDestroy(Exception exception)
    {
        var reason = exception is WardenException or IHostFailure ? exception.Message : "the server's log says why";
        lock (_lock)
        {
            _events?.RemoveAll(name => name.StartsWith(DestroyFailed, StringComparison.Ordinal));
            (_events ??= []).Add(DestroyFailed + reason);
            _isChanged = true;
        }

        TrySave();
    }

    /// <summary>Whether the caller is to destroy it again later on; false when another one does so already.</summary>
    public bool TryBeginRetry()
    {
        lock (_lock)
        {
            return !_isRetried && (_isRetried = true);
        }
    }

    /// <summary>Whether a destroy is in work, which ends the container's init itself.</summary>
    private bool IsBeingDestroyed()
    {
        lock (_lock)
        {
            return _destroying is not null;
        }
    }

    private async Task StopAndRemoveAsync(Action<uint> keepJobIds)
    {
        try
        {
            await BeginStop(kill: false).Operation.Completion.ConfigureAwait(false);
        }
        catch (Exception exception) when (!_environment.Lifetime.IsCancellationRequested)
        {
            // A host that refuses signals may still remove the container, which kills what is left.
            EngineLog.StopFailed(_environment.Logger, exception, Handle);
        }

        // A server that ends here leaves the container to its successor.
        _environment.Lifetime.ThrowIfCancellationRequested();
        TrySave();
        var last = await TakeJobInfoAsync(_environment.Lifetime).ConfigureAwait(false);
        Volatile.Write(ref _lastInfo, last);
        SuspendSnapshots(true);
        try
        {
            KeepJobIds(keepJobIds);
            await Backend.DestroyAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            Volatile.Write(ref _lastInfo, null);
            SuspendSnapshots(false);
            TrySave();
            throw;
        }

        Become(ContainerState.Destroyed);
    }

    private void KeepJobIds(Action<uint> keepJobIds)
    {
        try
        {
            keepJobIds(LastJobId);
        }
        catch (Exception exception)
        {
            // A full disk gets room by what is destroyed. The counter is written again with the next one, and by a drain.
            EngineLog.SnapshotFailed(_environment.Logger, exception, Handle);
        }
    }
}
