using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>
/// Runs commands in one process: the state of a shell and the execution of its syntax trees. A subshell is a copy in a forked process.
/// </summary>
internal sealed partial class Interpreter : IParserContext, IArithmeticVariables
{
    // Deeper recursion of functions ends as it does in a real shell whose stack is full.
    private const int DeepestCall = 20_000;

    private Random? _random;
    private int _conditionDepth;
    private int _loopDepth;
    private int _flowCount;

    public Interpreter(Process process, string programName)
    {
        Process = process;
        ProgramName = programName;
        ShellId = process.Id;
        Started = process.Clock.GetUtcNow();
        Variables = new VariableStore();
        Options = new ShellOptions();
        Traps = new TrapTable();
        Jobs = new JobTable();
        Expander = new Expander(this);
        Connect();
    }

    private Interpreter(Interpreter parent)
    {
        Process = parent.Process;
        ProgramName = parent.ProgramName;
        CommandString = parent.CommandString;
        ScriptSourceName = parent.ScriptSourceName;
        ReadsStandardInput = parent.ReadsStandardInput;
        ShellId = parent.ShellId;
        Started = parent.Started;
        Variables = parent.Variables.Clone();
        Options = parent.Options.Clone();
        Traps = parent.Traps.Clone();
        Jobs = new JobTable();
        Expander = new Expander(this);
        Positional = [.. parent.Positional];
        Functions = new(parent.Functions, StringComparer.Ordinal);
        Aliases = new(parent.Aliases, StringComparer.Ordinal);
        Hashed = new(parent.Hashed, StringComparer.Ordinal);
        DisabledBuiltins = [.. parent.DisabledBuiltins];
        DirectoryStack = [.. parent.DirectoryStack];
        Frames = [.. parent.Frames];
        IgnoredAtStart = parent.IgnoredAtStart;
        Status = parent.Status;
        PipeStatus = parent.PipeStatus;
        LineNumber = parent.LineNumber;
        LastArgument = parent.LastArgument;
        LastBackgroundId = parent.LastBackgroundId;
        WorkingDirectory = parent.WorkingDirectory;
        TraceDepth = parent.TraceDepth;
        SubshellDepth = parent.SubshellDepth + 1;
        _conditionDepth = parent._conditionDepth;
        _loopDepth = parent._loopDepth;
        Connect();
    }

    public Process Process { get; private set; }

    /// <summary>$0.</summary>
    public string ProgramName { get; set; }

    /// <summary>Whether the script came with -c.</summary>
    public bool CommandString { get; init; }

    /// <summary>Whether the script is the standard input.</summary>
    public bool ReadsStandardInput { get; init; }

    /// <summary>BASH_SOURCE of what stands in no sourced file.</summary>
    public string ScriptSourceName { get; init; } = "main";

    /// <summary>$$.</summary>
    public int ShellId { get; }

    public DateTimeOffset Started { get; set; }

    public VariableStore Variables { get; }

    public ShellOptions Options { get; }

    public TrapTable Traps { get; }

    public JobTable Jobs { get; }

    /// <summary>What jobs tells of: the own ones, and in a command substitution or a pipeline's part those of the shell that it is of.</summary>
    public IReadOnlyList<Job> ShownJobs => Jobs.All.Count > 0 ? Jobs.All : _jobsOfParent;

    public Expander Expander { get; }

    public List<string> Positional { get; set; } = [];

    public Dictionary<string, ShellFunction> Functions { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Aliases { get; } = new(StringComparer.Ordinal);

    /// <summary>Where commands were found, and how often they were used since.</summary>
    public Dictionary<string, (string Path, int Hits)> Hashed { get; } = new(StringComparer.Ordinal);

    public HashSet<string> DisabledBuiltins { get; } = new(StringComparer.Ordinal);

    /// <summary>The directories below the current one on the stack of pushd.</summary>
    public List<string> DirectoryStack { get; } = [];

    public List<CallFrame> Frames { get; } = [];

    /// <summary>$?.</summary>
    public int Status { get; set; }

    public IReadOnlyList<int> PipeStatus { get; set; } = [0];

    public int LineNumber { get; set; }

    /// <summary>$_.</summary>
    public string LastArgument { get; set; } = "";

    /// <summary>$!; 0 before the first.</summary>
    public int LastBackgroundId { get; set; }

    /// <summary>The current directory as it was reached, through symbolic links.</summary>
    public string WorkingDirectory { get; set; } = "/";

    public int TraceDepth { get; set; }

    public int SubshellDepth { get; }

    /// <summary>$RANDOM, made when it is first asked for.</summary>
    public Random Random
    {
        get => _random ??= new Random(unchecked((Process.Id * 7919) ^ (int)Process.Clock.GetTimestamp()));
        set => _random = value;
    }

    public Flow Flow { get; private set; }

    public bool InLoop => _loopDepth > 0;

    public bool InFunction => Frames.Exists(static frame => frame.IsFunction);

    public bool InSource => Frames.Exists(static frame => !frame.IsFunction);

    /// <summary>State of builtins that lasts between their calls, such as that of getopts.</summary>
    public int GetOptionsPosition { get; set; }

    /// <summary>Whether the last command of the script may take the shell's place (-c).</summary>
    public bool ExecutesLast { get; set; }

    /// <summary>Signals that were ignored when the shell started, and cannot be trapped.</summary>
    public HashSet<int> IgnoredAtStart { get; } = [];

    /// <summary>Reads that went on when read -t gave up.</summary>
    public PendingReads PendingReads { get; } = new();

    bool IParserContext.ExtendedPatterns => Options.ExtendedPatterns;

    bool IArithmeticVariables.UnsetIsError => Options.NoUnset;

    string? IParserContext.FindAlias(string name) => Options.ExpandAliases ? Aliases.GetValueOrDefault(name) : null;

    ValueTask IParserContext.WarnAsync(int line, string message) => WriteErrorAsync($"{ProgramName}: line {line}: warning: {message}\n");

    string? IArithmeticVariables.Read(string name, string? subscript)
    {
        if (subscript is null)
        {
            return GetParameter(name);
        }

        return FindArray(name) is { } variable ? Variables.GetElement(variable, subscript) : null;
    }

    void IArithmeticVariables.Write(string name, string? subscript, long value)
    {
        if (subscript is null)
        {
            SetVariable(name, value.ToString());
        }
        else
        {
            Variables.SetElement(name, subscript, value.ToString());
        }
    }

    /// <summary>A copy of this shell, for a subshell.</summary>
    public Interpreter Clone() => new(this);

    /// <summary>Ends what runs: loops, functions or the shell.</summary>
    public int Leave(Flow flow, int status, int count = 0)
    {
        Flow = flow;
        _flowCount = Math.Min(count, _loopDepth);
        return Status = status;
    }

    public ValueTask WriteAsync(string text) => Process.WriteAsync(1, text);

    public async ValueTask WriteErrorAsync(string text)
    {
        try
        {
            await Process.WriteAsync(2, text);
        }
        catch (ErrnoException)
        {
            // Nowhere to complain to.
        }
    }

    /// <summary>Prints an error with its place.</summary>
    public ValueTask ReportAsync(string message) => WriteErrorAsync($"{ErrorPrefix}{message}\n");

    /// <summary>"name: line N: ".</summary>
    public string ErrorPrefix => $"{(Frames.Count > 0 ? Frames[^1].Source : ProgramName)}: line {Math.Max(1, LineNumber)}: ";

    private void Connect()
    {
        Variables.Evaluate = Expander.Evaluate;
        Variables.Changed = OnVariableChanged;
        Variables.Account = bytes =>
        {
            if (bytes > 0)
            {
                Process.Allocate(bytes);
            }
            else
            {
                Process.Free(-bytes);
            }
        };
    }

    /// <summary>Runs a script to its end.</summary>
    /// <param name="source">Its lines.</param>
    /// <param name="name">What syntax errors name before the line.</param>
    /// <param name="firstLine">The number of its first line.</param>
    /// <param name="topLevel">Whether commands that are given up end here.</param>
    public async ValueTask<int> RunScriptAsync(IScriptSource source, string name, int firstLine = 1, bool topLevel = false)
    {
        var parser = new Parser(source, this) { Line = firstLine - 1 };
        while (Flow == Flow.None)
        {
            Command? command;
            try
            {
                command = await parser.ParseCommandAsync();
            }
            catch (SyntaxErrorException error)
            {
                await ReportSyntaxAsync(error, name);
                Status = error.Status ?? Status;
                if (topLevel)
                {
                    Flow = Flow.Exit;
                }

                return Status;
            }

            if (command is null)
            {
                break;
            }

            if (Options.NoExec)
            {
                continue;
            }

            await (ExecutesLast && topLevel ? ExecuteAloneAsync(command) : ExecuteAsync(command));
            if (Flow == Flow.Discard && topLevel && !CommandString)
            {
                Flow = Flow.None;
                _conditionDepth = 0;
                _loopDepth = 0;
                while (Frames.Count > 0 && topLevel)
                {
                    Frames.RemoveAt(Frames.Count - 1);
                }
            }
        }

        return Status;
    }

    /// <summary>Parses and runs a text in this shell: eval, a trap, a file.</summary>
    public async ValueTask<int> RunTextAsync(string text, string name, int firstLine = 1)
    {
        TraceDepth++;
        try
        {
            return await RunScriptAsync(new TextSource(text), name, firstLine);
        }
        finally
        {
            TraceDepth--;
        }
    }

    private async ValueTask ReportSyntaxAsync(SyntaxErrorException error, string name)
    {
        var prefix = $"{name}: line {error.Line}: ";
        await WriteErrorAsync(prefix + error.Message + "\n");
        if (error.Echo is not null)
        {
            await WriteErrorAsync($"{prefix}`{error.Echo}'\n");
        }
    }

    /// <summary>Ends the shell: runs the EXIT trap.</summary>
    public async ValueTask<int> FinishAsync()
    {
        if (Flow is Flow.Discard or Flow.Exit or Flow.Return)
        {
            Flow = Flow.None;
        }

        await RunPendingTrapsAsync();
        if (Traps.Take(TrapTable.Exit) is { Length: > 0 } action)
        {
            var status = Status;
            Flow = Flow.None;
            _conditionDepth = 0;
            await RunTextAsync(action, $"{ProgramName}: exit trap");
            if (Flow != Flow.Exit)
            {
                Status = status;
            }
        }

        return Status & 0xFF;
    }
}
