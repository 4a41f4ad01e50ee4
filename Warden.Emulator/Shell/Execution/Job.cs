using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>A background command.</summary>
internal sealed class Job(int number, IReadOnlyList<int> processes, Command command, int line)
{
    public int Number { get; } = number;

    public IReadOnlyList<int> Processes { get; } = processes;

    public Command Command { get; } = command;

    public int Line { get; } = line;

    public Dictionary<int, ExitStatus> Ended { get; } = [];

    public bool Running => Ended.Count < Processes.Count;

    /// <summary>Whether its end was shown.</summary>
    public bool Notified { get; set; }

    /// <summary>disown: no longer listed.</summary>
    public bool Disowned { get; set; }

    /// <summary>Whether it is a process substitution, which is no job.</summary>
    public bool Hidden { get; init; }

    public int LastProcess => Processes[^1];

    public int Status => Ended.TryGetValue(LastProcess, out var status) ? status.ShellStatus : 0;
}

/// <summary>The background commands of a shell, and the statuses of those that ended.</summary>
internal sealed class JobTable
{
    // As many as a shell remembers at least (CHILD_MAX).
    private const int Remembered = 4096;
    private readonly Dictionary<int, int> _statuses = [];
    private readonly Queue<int> _order = new();

    public List<Job> All { get; } = [];

    public bool AnyRunning => All.Count > 0 && All.Exists(static job => job.Running);

    public Job Add(IReadOnlyList<int> processes, Command command, int line)
    {
        // Those that ended and were shown make room, as in a shell that is not interactive.
        All.RemoveAll(static job => !job.Running && job.Notified);
        var number = All.Where(static job => !job.Hidden).Select(static job => job.Number).DefaultIfEmpty(0).Max() + 1;
        var job = new Job(number, processes, command, line);
        All.Add(job);
        return job;
    }

    public void AddHidden(int process) => AddUnlisted(new(0, [process], new GroupCommand(new ListCommand([])), 0) { Hidden = true, Notified = true });

    private void AddUnlisted(Job job)
    {
        All.RemoveAll(static old => !old.Running && old.Hidden);
        All.Add(job);
    }

    public Job? Find(int process) => All.Find(job => job.Processes.Contains(process));

    /// <summary>Keeps how a process of a job ended; true when it was its last one.</summary>
    public Job? Record(int process, ExitStatus status)
    {
        if (Find(process) is not { } job)
        {
            return null;
        }

        job.Ended[process] = status;
        if (!_statuses.ContainsKey(process))
        {
            _order.Enqueue(process);
            if (_order.Count > Remembered)
            {
                _statuses.Remove(_order.Dequeue());
            }
        }

        _statuses[process] = status.ShellStatus;
        return job;
    }

    public bool TryGetStatus(int process, out int status) => _statuses.TryGetValue(process, out status);

    public void Forget(int process) => _statuses.Remove(process);

    public void Remove(Job job) => All.Remove(job);
}
