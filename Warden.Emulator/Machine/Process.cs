using System.Diagnostics;
using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

/// <summary>
/// A process of the emulated machine, and the system calls that its program makes. Calls throw <see cref="ErrnoException"/>. A call
/// in a process that was killed throws <see cref="OperationCanceledException"/>, which a program lets pass.
/// Paths, arguments and variables are byte strings (<see cref="ByteText"/>).
/// </summary>
/// <remarks>
/// A program is an asynchronous method; a process that sleeps costs memory alone. A killed process is dead at once: its descriptors are
/// closed, its parent sees it end, and nothing waits for its code, which ends at its next call. What several processes share is
/// guarded by the container's gate; what belongs to this one by its own lock, which is taken last and never held across a call out.
/// </remarks>
[DebuggerDisplay("{Id} {CommandName}")]
public sealed partial class Process
{
    private const int MaxCommandName = 15;

    private readonly Lock _lock = new();
    private readonly DescriptorTable _descriptors;
    private string _commandName = "";

    // Set once something keeps the process from going on: it is dead or stopped.
    private volatile bool _attention;
    private volatile bool _isDead;
    private bool _isStopped;

    /// <summary>Makes a container's init, which runs no code.</summary>
    internal Process(EmulatedContainer container)
    {
        Container = container;
        Id = GroupId = SessionId = 1;
        CommandName = "init";
        ExecutablePath = "/sbin/init";
        _descriptors = new DescriptorTable();
        WorkingDirectory = container.Root;
        _limits = LimitTable.Default;
        StartTime = container.Clock.GetUtcNow();
    }

    private Process(Process parent, int id, Process environment)
    {
        Container = parent.Container;
        Id = id;
        Parent = parent;
        GroupId = environment.GroupId;
        SessionId = environment.SessionId;
        UserId = environment.UserId;
        PrimaryGroupId = environment.PrimaryGroupId;
        Groups = environment.Groups;
        _commandName = environment._commandName;
        Arguments = environment.Arguments;
        Environment = environment.Environment;
        ExecutablePath = environment.ExecutablePath;
        WorkingDirectory = environment.WorkingDirectory;
        Umask = environment.Umask;
        _limits = environment._limits;
        _limitsCpu = environment._limitsCpu;
        _nice = environment._nice;
        _ignoredSignals = environment._ignoredSignals;
        _handledSignals = environment._handledSignals;
        _descriptors = environment._descriptors.Copy();
        StartTime = Container.Clock.GetUtcNow();
    }

    /// <summary>The process id in its container.</summary>
    public int Id { get; }

    /// <summary>The id of the process that waits for this one: 1 (init) once the one that made it has ended; 0 for init.</summary>
    public int ParentId => Parent?.Id ?? 0;

    /// <summary>The process group.</summary>
    public int GroupId { get; private set; }

    /// <summary>The session.</summary>
    public int SessionId { get; private set; }

    /// <summary>The user, 0 for root.</summary>
    public uint UserId { get; private set; }

    /// <summary>The group that new files get.</summary>
    public uint PrimaryGroupId { get; private set; }

    /// <summary>The supplementary groups.</summary>
    public IReadOnlyList<uint> Groups { get; private set; } = [];

    /// <summary>The program's name as /proc/PID/comm has it, at most 15 bytes.</summary>
    public string CommandName
    {
        get => _commandName;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _commandName = value.Length <= MaxCommandName ? value : value[..MaxCommandName];
        }
    }

    /// <summary>The arguments, the program's name first.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>The environment, in the order in which it was given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; private set; } = [];

    /// <summary>The container that the process lives in: its host name, users, processes, network, devices.</summary>
    public EmulatedContainer Container { get; }

    /// <summary>The machine's clock, which tests may drive.</summary>
    public TimeProvider Clock => Container.Clock;

    /// <summary>When the process was made.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>What /proc/PID/exe links to.</summary>
    internal string ExecutablePath { get; private set; } = "";

    /// <summary>The current directory.</summary>
    internal DirectoryInode WorkingDirectory { get; private set; }

    internal Process? Parent { get; private set; }

    /// <summary>The state's letter in /proc: R, S, T or Z.</summary>
    internal char StateLetter
    {
        get
        {
            lock (_lock)
            {
                return _isDead ? 'Z' : _isStopped ? 'T' : _waiters is not null || Id == 1 ? 'S' : 'R';
            }
        }
    }

    /// <summary>The value of a variable of the environment, or null.</summary>
    /// <param name="name">The variable's name.</param>
    public string? GetEnvironment(string name)
    {
        foreach (var (key, value) in Environment)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>setuid(2), setgid(2) and setgroups(2) for programs such as su.</summary>
    /// <param name="user">The user.</param>
    /// <param name="group">The primary group.</param>
    /// <param name="groups">The supplementary groups.</param>
    /// <exception cref="ErrnoException">EPERM for others than root.</exception>
    public void SetCredentials(uint user, uint group, IReadOnlyList<uint> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Enter();
        if (UserId != 0 && (user != UserId || group != PrimaryGroupId || groups.Except(Groups).Any()))
        {
            throw new ErrnoException(Errno.EPERM);
        }

        (UserId, PrimaryGroupId, Groups) = (user, group, [.. groups]);
    }

    internal bool IsInGroup(uint group) => group == PrimaryGroupId || (Groups.Count > 0 && Groups.Contains(group));

    /// <summary>Every call begins here: a dead process makes none.</summary>
    private void Enter()
    {
        if (_attention)
        {
            ThrowIfDead();
        }
    }
}
