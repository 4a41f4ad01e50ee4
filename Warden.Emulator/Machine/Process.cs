#pragma warning disable CS1591
using Warden.Emulator.FileSystem;
using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

/// <summary>
/// A process of the emulated machine, and the system calls that its program makes. Calls throw <see cref="ErrnoException"/>. A call
/// in a process that was killed throws <see cref="OperationCanceledException"/>, which a program lets pass.
/// Paths, arguments and variables are byte strings (<see cref="ByteText"/>).
/// </summary>
public sealed class Process
{
    // Identity.
    public int Id => throw new NotImplementedException();
    public int ParentId => throw new NotImplementedException();
    public int GroupId => throw new NotImplementedException();
    public int SessionId => throw new NotImplementedException();
    public uint UserId => throw new NotImplementedException();
    public uint PrimaryGroupId => throw new NotImplementedException();
    public IReadOnlyList<uint> Groups => throw new NotImplementedException();

    /// <summary>The program's name as /proc/PID/comm has it, at most 15 bytes.</summary>
    public string CommandName { get; set; } = "";
    public IReadOnlyList<string> Arguments => throw new NotImplementedException();

    /// <summary>The environment, in the order in which it was given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment => throw new NotImplementedException();
    public string? GetEnvironment(string name) => throw new NotImplementedException();

    /// <summary>The container that the process lives in: its host name, users, processes, network, devices.</summary>
    public EmulatedContainer Container => throw new NotImplementedException();

    // Output and input, by descriptor number.
    public ValueTask<int> ReadAsync(int fd, Memory<byte> buffer) => throw new NotImplementedException();
    public ValueTask WriteAsync(int fd, ReadOnlyMemory<byte> data) => throw new NotImplementedException();
    public ValueTask WriteAsync(int fd, string text) => throw new NotImplementedException();

    // Descriptors.
    public OpenFile GetFile(int fd) => throw new NotImplementedException();
    public bool TryGetFile(int fd, out OpenFile file) => throw new NotImplementedException();
    public IReadOnlyList<int> Descriptors => throw new NotImplementedException();
    public void Close(int fd) => throw new NotImplementedException();
    public int Duplicate(int fd, int lowest = 0, bool closeOnExec = false) => throw new NotImplementedException();
    public void DuplicateTo(int fd, int target, bool closeOnExec = false) => throw new NotImplementedException();
    public int Install(OpenFile file, int lowest = 0, bool closeOnExec = false) => throw new NotImplementedException();
    public (int Read, int Write) Pipe() => throw new NotImplementedException();

    // Files. Relative paths start at CurrentDirectory.
    public string CurrentDirectory => throw new NotImplementedException();
    public void ChangeDirectory(string path) => throw new NotImplementedException();
    public int Umask { get; set; }
    public ValueTask<int> OpenAsync(string path, OpenFlags flags, int mode = 0x1B6) => throw new NotImplementedException();
    public FileStatus Stat(string path) => throw new NotImplementedException();
    public FileStatus LinkStat(string path) => throw new NotImplementedException();
    public bool CanAccess(string path, bool read = false, bool write = false, bool execute = false) => throw new NotImplementedException();
    public IReadOnlyList<DirectoryEntry> ReadDirectory(string path) => throw new NotImplementedException();
    public void MakeDirectory(string path, int mode = 0x1FF) => throw new NotImplementedException();
    public void RemoveDirectory(string path) => throw new NotImplementedException();
    public void Unlink(string path) => throw new NotImplementedException();
    public void Rename(string from, string to) => throw new NotImplementedException();
    public void Link(string existing, string path, bool followLinks = false) => throw new NotImplementedException();
    public void SymbolicLink(string target, string path) => throw new NotImplementedException();
    public string ReadLink(string path) => throw new NotImplementedException();
    public void ChangeMode(string path, int mode) => throw new NotImplementedException();
    public void ChangeOwner(string path, uint? user, uint? group, bool followLinks = true) => throw new NotImplementedException();
    public void SetTimes(string path, DateTimeOffset? accessed, DateTimeOffset? modified, bool followLinks = true) => throw new NotImplementedException();
    public void Truncate(string path, long length) => throw new NotImplementedException();
    public void MakeFifo(string path, int mode) => throw new NotImplementedException();
    public void MakeDevice(string path, int mode, FileKind kind, int major, int minor) => throw new NotImplementedException();
    public string RealPath(string path) => throw new NotImplementedException();
    public FileSystemStatus StatFileSystem(string path) => throw new NotImplementedException();

    // Processes.

    /// <summary>fork(2): a child with copies of the descriptors and attributes that runs <paramref name="main"/>.</summary>
    public Process Fork(Func<Process, ValueTask<int>> main, int? processGroup = null) => throw new NotImplementedException();

    /// <summary>
    /// fork, exec. The file must be executable; one that begins with #! runs its interpreter; ENOEXEC otherwise. <paramref name="prepare"/>
    /// runs in the child before the exec (redirections); descriptors marked close-on-exec are closed.
    /// </summary>
    public Process Spawn(string path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, Action<Process>? prepare = null) => throw new NotImplementedException();

    /// <summary>execve(2): runs another program in this process and returns its exit status, with which the caller must return.</summary>
    public ValueTask<int> ExecuteAsync(string path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment) => throw new NotImplementedException();

    /// <summary>
    /// waitpid(2). Waits for a child (any, when <paramref name="processId"/> is null) and reaps it. Returns null when a handled signal came
    /// first and <paramref name="interruptible"/> is set.
    /// </summary>
    /// <exception cref="ErrnoException">ECHILD.</exception>
    public ValueTask<(int ProcessId, ExitStatus Status)?> WaitAsync(int? processId, bool interruptible = false) => throw new NotImplementedException();

    /// <summary>waitpid(2) with WNOHANG: null while the child runs.</summary>
    public (int ProcessId, ExitStatus Status)? TryWait(int? processId) => throw new NotImplementedException();

    /// <summary>kill(2): a process, 0 for the own group, -1 for all that may be signalled, -N for a group; <paramref name="signal"/> null only probes.</summary>
    public void Kill(int processId, Signal? signal) => throw new NotImplementedException();
    public SignalAction GetSignalAction(Signal signal) => throw new NotImplementedException();
    public void SetSignalAction(Signal signal, SignalAction action) => throw new NotImplementedException();

    /// <summary>Takes a signal that came while its action was <see cref="SignalAction.Handle"/>.</summary>
    public bool TryTakeSignal(out Signal signal) => throw new NotImplementedException();
    public bool HasPendingSignal => throw new NotImplementedException();

    /// <summary>Ends the process by a signal, as abort(3) does; never returns.</summary>
    public void DieBy(Signal signal) => throw new NotImplementedException();

    /// <summary>Gives a killed process the chance to end: call it in loops that make no system call.</summary>
    public void Checkpoint() => throw new NotImplementedException();

    /// <summary>As <see cref="Checkpoint"/>, and lets others run now and then.</summary>
    public ValueTask CheckpointAsync() => throw new NotImplementedException();

    /// <summary>Cancelled when the process has been killed.</summary>
    public CancellationToken Killed => throw new NotImplementedException();
    public void SetProcessGroup(int processId, int group) => throw new NotImplementedException();
    public int NewSession() => throw new NotImplementedException();
    public int Nice { get; set; }

    /// <summary>setuid(2) and setgid(2) for programs such as su; EPERM for others than root.</summary>
    public void SetCredentials(uint user, uint group, IReadOnlyList<uint> groups) => throw new NotImplementedException();

    // Time.
    public TimeProvider Clock => throw new NotImplementedException();

    /// <summary>Sleeps; false when a handled signal came first and <paramref name="interruptible"/> is set.</summary>
    public ValueTask<bool> SleepAsync(TimeSpan time, bool interruptible = false) => throw new NotImplementedException();

    /// <summary>CPU time used by this process and by its children that were waited for.</summary>
    public (TimeSpan Own, TimeSpan Children) ProcessorTime => throw new NotImplementedException();

    // Memory.

    /// <summary>
    /// Accounts memory to the process and its container. Over the container's limit a process of it (the largest, perhaps this one) is
    /// killed; over RLIMIT_AS or RLIMIT_DATA it fails with ENOMEM.
    /// </summary>
    public void Allocate(long bytes) => throw new NotImplementedException();
    public void Free(long bytes) => throw new NotImplementedException();

    // Limits.
    public (ulong Soft, ulong Hard) GetLimit(ResourceLimit limit) => throw new NotImplementedException();
    public void SetLimit(ResourceLimit limit, ulong soft, ulong hard) => throw new NotImplementedException();
}
