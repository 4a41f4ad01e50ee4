using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Processes;

/// <summary>
/// Waits for the ends of processes by their descriptors, which become readable then (pidfd_open(2)): one thread for all of them. SIGCHLD
/// stays as the runtime has it.
/// </summary>
internal sealed class ProcessEnds
{
    private static readonly Lazy<ProcessEnds> Lazily = new(() => new ProcessEnds());

    private readonly SafeFileHandle _epoll = Epoll.Create();
    private readonly ConcurrentDictionary<long, Action> _waiting = new();
    private long _lastKey;

    private ProcessEnds() => new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "process ends" }.Start();

    public static ProcessEnds Shared => Lazily.Value;

    /// <summary>Calls <paramref name="ended"/>, which must not block, once the process has ended.</summary>
    /// <returns>What to give to <see cref="Forget"/>.</returns>
    public long Register(SafeFileHandle process, Action ended)
    {
        var key = Interlocked.Increment(ref _lastKey);
        _waiting[key] = ended;
        try
        {
            Epoll.Add(_epoll, process, key);
        }
        catch
        {
            _waiting.TryRemove(key, out _);
            throw;
        }

        return key;
    }

    /// <summary>Waits no more; the descriptor is still open.</summary>
    public void Forget(long key, SafeFileHandle process)
    {
        _waiting.TryRemove(key, out _);
        Epoll.Remove(_epoll, process);
    }

    private void Run()
    {
        Span<long> keys = stackalloc long[64];
        while (true)
        {
            foreach (var key in keys[..Epoll.Wait(_epoll, keys)])
            {
                if (_waiting.TryRemove(key, out var ended))
                {
                    ended();
                }
            }
        }
    }
}
