using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Processes;

/// <summary>A process of the host, held by a descriptor: its id cannot come to mean another one.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SafeFileHandle _handle;
    private readonly bool _isChild;
    private readonly long _key;
    private bool _disposed;

    private HostProcess(int id, SafeFileHandle handle, bool isChild)
    {
        Id = id;
        _handle = handle;
        _isChild = isChild;
        _key = ProcessEnds.Shared.Register(handle, HasEnded);
    }

    /// <summary>The id as this process's pid namespace has it.</summary>
    public int Id { get; }

    /// <summary>Completes when the process has ended; of an init, when all of its pid namespace has.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Holds a child of this process, which is reaped when it ends, also after <see cref="Dispose"/>.</summary>
    public static HostProcess OfChild(int id) =>
        new(id, Pidfd.Open(id) ?? throw new LinuxException("open the process", $"{id}", Errno.ESRCH), isChild: true);

    /// <summary>Holds a process; null when there is none of that id.</summary>
    public static HostProcess? Open(int id) => Pidfd.Open(id) is { } handle ? Hold(id, handle) : null;

    /// <summary>Holds a process if it is the one that began at that time; null when it is gone.</summary>
    /// <param name="id">The process's id.</param>
    /// <param name="startTime">Field 22 of /proc/PID/stat (proc(5)).</param>
    public static HostProcess? Open(int id, ulong startTime)
    {
        if (Pidfd.Open(id) is not { } handle)
        {
            return null;
        }

        // Read while the descriptor is held: what the id means now is what the descriptor means, or that has ended.
        if (ReadStartTime(id) != startTime)
        {
            handle.Dispose();
            return null;
        }

        return Hold(id, handle);
    }

    /// <summary>When the process began, in ticks since the host did; null when there is none of that id.</summary>
    public static ulong? ReadStartTime(int id)
    {
        string text;
        try
        {
            text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        }
        catch (IOException)
        {
            return null;
        }

        // The second field is the program's name in parentheses and may hold anything; the third follows its last parenthesis.
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && ulong.TryParse(fields[19], CultureInfo.InvariantCulture, out var time) ? time : null;
    }

    /// <summary>Whether it has not ended, as the kernel has it now.</summary>
    public bool IsAlive
    {
        get
        {
            lock (_lock)
            {
                return !_handle.IsClosed && !Poll.Wait(_handle, Poll.In, TimeSpan.Zero);
            }
        }
    }

    /// <summary>Sends KILL; nothing happens when it has ended.</summary>
    public void Kill() => Send(Pidfd.SIGKILL);

    /// <summary>Lets it go on if a signal has stopped it; nothing happens when it has ended.</summary>
    public void Continue() => Send(Pidfd.SIGCONT);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed || _isChild || _handle.IsClosed)
            {
                return;
            }

            _disposed = true;
            ProcessEnds.Shared.Forget(_key, _handle);
            _handle.Dispose();
        }
    }

    private void Send(int signal)
    {
        lock (_lock)
        {
            if (!_handle.IsClosed)
            {
                Pidfd.SendSignal(_handle, signal);
            }
        }
    }

    private static HostProcess Hold(int id, SafeFileHandle handle)
    {
        try
        {
            return new HostProcess(id, handle, isChild: false);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private void HasEnded()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (_isChild)
            {
                Pidfd.Reap(_handle);
            }

            // Closing takes it out of the epoll, too.
            _handle.Dispose();
        }

        _ended.SetResult();
    }
}
