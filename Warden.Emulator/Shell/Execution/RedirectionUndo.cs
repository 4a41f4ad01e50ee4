using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The descriptors that redirections replaced, kept aside above 9 until the command is done.</summary>
internal sealed class RedirectionUndo
{
    private readonly List<(int Descriptor, int Saved)> _saved = [];

    /// <summary>Keeps a descriptor before it is replaced; only its first state counts.</summary>
    public void Save(Process process, int descriptor)
    {
        foreach (var entry in _saved)
        {
            if (entry.Descriptor == descriptor)
            {
                return;
            }
        }

        var saved = process.TryGetFile(descriptor, out _) ? process.Duplicate(descriptor, 10, closeOnExec: true) : -1;
        _saved.Add((descriptor, saved));
    }

    /// <summary>Notes a descriptor that was closed before it was opened in place.</summary>
    public void NoteClosed(int descriptor)
    {
        if (!_saved.Exists(entry => entry.Descriptor == descriptor))
        {
            _saved.Add((descriptor, -1));
        }
    }

    /// <summary>Puts everything back.</summary>
    public void Restore(Process process)
    {
        for (var i = _saved.Count - 1; i >= 0; i--)
        {
            var (descriptor, saved) = _saved[i];
            if (saved >= 0)
            {
                process.DuplicateTo(saved, descriptor);
                process.Close(saved);
            }
            else if (process.TryGetFile(descriptor, out _))
            {
                process.Close(descriptor);
            }
        }

        _saved.Clear();
    }

    /// <summary>Makes the replacements last, as exec does.</summary>
    public void Keep(Process process)
    {
        foreach (var (_, saved) in _saved)
        {
            if (saved >= 0)
            {
                process.Close(saved);
            }
        }

        _saved.Clear();
    }
}
