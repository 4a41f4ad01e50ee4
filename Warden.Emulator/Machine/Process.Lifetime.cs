namespace Warden.Emulator.Machine;

// How processes begin and end.
public sealed partial class Process
{
    private TaskCompletionSource<ExitStatus>? _exited;
    private List<Process>? _children;
    private List<Waiter>? _childWaiters;
    private bool _isZombie;
    private bool _isFinishing;

    /// <summary>Completes when the process has ended and its descriptors are closed.</summary>
    public Task<ExitStatus> Exited
    {
        get
        {
            lock (_lock)
            {
                return (_exited ??= MakeExited()).Task;
            }
        }
    }

    internal ExitStatus Status { get; private set; }

    internal bool IsAlive => !_isDead;

    /// <summary>fork(2): a child with copies of the descriptors and attributes that runs <paramref name="main"/>.</summary>
    /// <param name="main">What the child runs, on another thread; its value is the exit status.</param>
    /// <param name="processGroup">The child's process group: 0 for one of its own, null for the parent's.</param>
    /// <returns>The child.</returns>
    /// <exception cref="ErrnoException">EAGAIN over RLIMIT_NPROC.</exception>
    public Process Fork(Func<Process, ValueTask<int>> main, int? processGroup = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Enter();
        var child = MakeChild(this, this, ForkedBytes);
        if (processGroup is { } group)
        {
            child.GroupId = group == 0 ? child.Id : group;
        }

        child.Start(main);
        return child;
    }

    /// <summary>
    /// fork, exec. The file must be executable; one that begins with #! runs its interpreter; ENOEXEC otherwise. <paramref name="prepare"/>
    /// runs in the child before the exec (redirections); descriptors marked close-on-exec are closed.
    /// </summary>
    /// <param name="path">The program's path; no search in PATH.</param>
    /// <param name="arguments">The arguments, the program's name first.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="prepare">Runs at once, on the caller's thread; when it throws there is no child.</param>
    /// <returns>The child.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, ENOEXEC, EAGAIN, …; then there is no child.</exception>
    public Process Spawn(
        string path,
        IReadOnlyList<string> arguments,
        IReadOnlyList<KeyValuePair<string, string>> environment,
        Action<Process>? prepare = null)
    {
        Enter();
        return Start(MakeChild(this, this, ForkedBytes), path, arguments, environment, prepare);
    }

    /// <summary>execve(2): runs another program in this process and returns its exit status, with which the caller must return.</summary>
    /// <param name="path">The program's path; no search in PATH.</param>
    /// <param name="arguments">The arguments, the program's name first.</param>
    /// <param name="environment">The environment.</param>
    /// <returns>The new program's exit status.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, ENOEXEC, E2BIG, …; then nothing has changed.</exception>
    public ValueTask<int> ExecuteAsync(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        Enter();
        var image = ProgramImage.Load(this, path, arguments, environment);
        Become(image, environment);
        return image.Program.RunAsync(this);
    }

    /// <summary>_exit(2): ends the process.</summary>
    /// <param name="status">The exit status; its low 8 bits count.</param>
    /// <exception cref="OperationCanceledException">Always.</exception>
    public void Exit(int status)
    {
        Terminate(new ExitStatus(status & 255, Signalled: false));
        throw Dead();
    }

    /// <summary>Ends the process by a signal, as abort(3) does; never returns.</summary>
    /// <param name="signal">The signal.</param>
    /// <exception cref="OperationCanceledException">Always.</exception>
    public void DieBy(Signal signal)
    {
        Terminate(new ExitStatus((int)signal, Signalled: true));
        throw Dead();
    }

    /// <summary>Makes a child of init for a program from outside the container.</summary>
    internal static Process Start(
        Process child,
        string path,
        IReadOnlyList<string> arguments,
        IReadOnlyList<KeyValuePair<string, string>> environment,
        Action<Process>? prepare)
    {
        ProgramImage image;
        try
        {
            prepare?.Invoke(child);
            image = ProgramImage.Load(child, path, arguments, environment);
        }
        catch (OperationCanceledException) when (!child.IsAlive)
        {
            // Killed before it began: to its parent it is a child that ended.
            return child;
        }
        catch
        {
            child.Discard();
            throw;
        }

        child.Become(image, environment);
        child.Start(image.Program.RunAsync);
        return child;
    }

    /// <summary>A new process that does not run yet.</summary>
    internal static Process MakeChild(Process parent, Process template, long bytes)
    {
        var container = parent.Container;
        lock (container.Gate)
        {
            container.RequireRoomForProcess(template);
            parent.ThrowIfDead();
            var child = new Process(parent, container.NextProcessId(), template);
            container.Add(child);
            (parent._children ??= []).Add(child);
            child.SetBase(bytes);
            return child;
        }
    }

    /// <summary>Runs the process's code on the thread pool.</summary>
    internal void Start(Func<Process, ValueTask<int>> main)
    {
        ResumeCpuAtStart();
        ThreadPool.UnsafeQueueUserWorkItem(
            static start => _ = start.Process.RunAsync(start.Main), (Process: this, Main: main), preferLocal: true);
    }

    /// <summary>Ends the process; nothing happens when it has ended.</summary>
    internal void Terminate(ExitStatus status)
    {
        if (BeginTermination(status))
        {
            FinishTermination();
        }
    }

    /// <summary>
    /// Makes the process dead: it makes no call any more and holds no memory. May be called with the gate held; the rest is
    /// <see cref="FinishTermination"/>, without the gate.
    /// </summary>
    internal bool BeginTermination(ExitStatus status)
    {
        CancellationTokenSource? killed;
        lock (_lock)
        {
            if (_isDead)
            {
                return false;
            }

            _isDead = true;
            _attention = true;
            Status = status;
            killed = _killedSource;
            StopCpu();
            EndWaits(Wake.Killed);
        }

        Container.ReleaseMemory(this);
        if (killed is not null)
        {
            // Whoever registered with the token runs elsewhere, not on the killer's stack.
            ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), killed, preferLocal: false);
        }

        return true;
    }

    /// <summary>Closes the descriptors, makes the process a zombie and tells its parent.</summary>
    internal void FinishTermination()
    {
        _descriptors.CloseAll();
        Process? parent;
        lock (Container.Gate)
        {
            _isZombie = true;
            WorkingDirectory = Container.Root;
            foreach (var child in _children ?? [])
            {
                child.Parent = Container.Init;
                if (child._isZombie)
                {
                    Container.Remove(child);
                }
            }

            _children = null;
            parent = Parent;
            if (parent is null || parent.Id == 1 || !parent.IsAlive || parent.GetsNoZombies)
            {
                parent?._children?.Remove(this);
                Container.Remove(this);
            }

            parent?.WakeChildWaiters();
        }

        lock (_lock)
        {
            _exited?.TrySetResult(Status);
            _isFinishing = true;
        }

        parent?.Raise(Signal.CHLD);
    }

    private async Task RunAsync(Func<Process, ValueTask<int>> main)
    {
        ExitStatus status;
        try
        {
            await CheckpointAsync().ConfigureAwait(false);
            status = new ExitStatus(await main(this).ConfigureAwait(false) & 255, Signalled: false);
            if (_attention)
            {
                await UntilRunningAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_isDead)
        {
            return;
        }
        catch (ErrnoException e)
        {
            await ComplainAsync(ErrnoException.Describe(e.Errno)).ConfigureAwait(false);
            status = new ExitStatus(1, Signalled: false);
        }
        catch (InsufficientExecutionStackException)
        {
            status = new ExitStatus((int)Signal.SEGV, Signalled: true);
        }
        catch (Exception e)
        {
            // A fault of a program is its own end alone, as an abort would be.
            await ComplainAsync(ByteText.FromHost($"{e.GetType().Name}: {e.Message}")).ConfigureAwait(false);
            status = new ExitStatus((int)Signal.ABRT, Signalled: true);
        }

        Terminate(status);
    }

    private async ValueTask ComplainAsync(string what)
    {
        try
        {
            await WriteAsync(2, $"{CommandName}: {what}\n").ConfigureAwait(false);
        }
        catch (Exception e) when (e is ErrnoException or OperationCanceledException)
        {
            // Its standard error is closed: nobody reads why it ends.
        }
    }

    private TaskCompletionSource<ExitStatus> MakeExited()
    {
        var exited = new TaskCompletionSource<ExitStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_isFinishing)
        {
            exited.SetResult(Status);
        }

        return exited;
    }

    // A child whose exec failed was never there.
    private void Discard()
    {
        lock (_lock)
        {
            _isDead = _attention = true;
        }

        Container.ReleaseMemory(this);
        _descriptors.CloseAll();
        lock (Container.Gate)
        {
            Parent?._children?.Remove(this);
            Container.Remove(this);
        }
    }

    private void Become(ProgramImage image, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        _descriptors.CloseMarked();
        Arguments = image.Arguments;
        Environment = environment;
        ExecutablePath = image.Path;
        CommandName = image.CommandName;
        lock (_lock)
        {
            _handledSignals = 0;
            _pendingSignals = 0;
        }

        lock (Container.Gate)
        {
            SetBase(image.CommandName == "bash" ? ShellBytes : ProgramBytes);
        }
    }
}
