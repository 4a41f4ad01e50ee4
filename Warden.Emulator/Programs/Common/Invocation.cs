using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>
/// One run of a program: its arguments and its buffered output and messages. Messages go out before the output that is still buffered, as
/// stderr is unbuffered and stdout is not.
/// </summary>
internal sealed class Invocation
{
    private const int OutputBlock = 64 * 1024;
    private readonly ByteWriter _output = new();
    private readonly ByteWriter _messages = new();
    private readonly int _failureStatus;
    private readonly string _version;
    private readonly HashSet<string> _said = [];
    private bool _outputFailed;

    public Invocation(Process process, string name, int failureStatus = 1, string version = "")
    {
        Process = process;
        Name = name;
        _failureStatus = failureStatus;
        _version = version;
        var all = process.Arguments;
        var arguments = new string[Math.Max(0, all.Count - 1)];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = all[i + 1];
        }
        Arguments = arguments;
    }

    public Process Process { get; }

    /// <summary>The name that messages begin with.</summary>
    public string Name { get; }

    /// <summary>The arguments without the program's own name.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>What the program was called as.</summary>
    public string InvokedAs => Process.Arguments.Count > 0 ? Process.Arguments[0] : Name;

    /// <summary>Set by programs that go on after a failure and return this at their end.</summary>
    public int Status { get; set; }

    public void Write(string text) => _output.Write(text);

    public void Write(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    public void WriteLine(string line)
    {
        _output.Write(line);
        _output.Write('\n');
    }

    public void Write(char character) => _output.Write(character);

    /// <summary>Says "NAME: message" on the standard error.</summary>
    public void Warn(string message) => WarnRaw(Name + ": " + message + "\n");

    /// <summary>Whether this is asked for the first time: false then, true ever after. For what is said once.</summary>
    public bool Said(string message) => !_said.Add(message);

    public void WarnRaw(string text) => _messages.Write(text);

    /// <summary>As <see cref="Warn"/>, and remembers the failure in <see cref="Status"/>.</summary>
    public void Fail(string message, int? status = null)
    {
        Warn(message);
        Status = Math.Max(Status, status ?? _failureStatus);
    }

    /// <summary>Says the message and ends the program (by throwing what is returned).</summary>
    public ProgramExit Die(string message, int? status = null)
    {
        Warn(message);
        return new ProgramExit(status ?? _failureStatus);
    }

    /// <summary>Wrong usage: the message, if any, then where to find help.</summary>
    public ProgramExit Usage(string? message = null, int? status = null)
    {
        if (message is not null)
        {
            Warn(message);
        }
        WarnRaw($"Try '{Name} --help' for more information.\n");
        return new ProgramExit(status ?? _failureStatus);
    }

    public ProgramExit MissingOperand(string? after = null) => Usage(after is null ? "missing operand" : $"missing operand after {Quote.Always(after)}");

    public ProgramExit ExtraOperand(string operand) => Usage($"extra operand {Quote.Always(operand)}");

    /// <summary>Parses the arguments; see <see cref="OptionSet"/> for the form of the specifications.</summary>
    public OptionSet Options(string shortOptions, params string[] longOptions)
    {
        var set = OptionSet.Parse(this, Arguments, shortOptions, longOptions);
        return set;
    }

    public ProgramExit Help()
    {
        WriteLine($"Usage: {Name} [OPTION]... [ARGUMENT]...");
        return new ProgramExit(0);
    }

    public ProgramExit ShowVersion()
    {
        WriteLine(_version.Length == 0 ? Name : _version);
        return new ProgramExit(0);
    }

    /// <summary>Lets messages out, and output when a block of it has come together. Call it in loops.</summary>
    public ValueTask DrainAsync() =>
        _messages.Length > 0 || _output.Length >= OutputBlock ? DrainSlowAsync() : Process.CheckpointAsync();

    private async ValueTask DrainSlowAsync()
    {
        await FlushMessagesAsync();
        if (_output.Length >= OutputBlock)
        {
            await FlushAsync();
        }
    }

    /// <summary>Lets all messages and all output out.</summary>
    public async ValueTask FlushAsync()
    {
        await FlushMessagesAsync();
        if (_output.Length == 0)
        {
            return;
        }
        var data = _output.Take();
        if (_outputFailed)
        {
            return;
        }
        try
        {
            await Process.WriteAsync(1, data);
        }
        catch (ErrnoException failure)
        {
            _outputFailed = true;
            Warn("write error: " + failure.Message);
            await FlushMessagesAsync();
            throw new ProgramExit(_failureStatus);
        }
    }

    public async ValueTask FlushMessagesAsync()
    {
        if (_messages.Length == 0)
        {
            return;
        }
        var data = _messages.Take();
        try
        {
            await Process.WriteAsync(2, data);
        }
        catch (ErrnoException)
        {
            // Nobody is left to tell.
        }
    }

    public async ValueTask<int> EndAsync(int status)
    {
        try
        {
            await FlushAsync();
        }
        catch (ProgramExit exit)
        {
            return exit.Status;
        }
        return status & 0xFF;
    }

    /// <summary>Opens a file for reading; "-" is the standard input.</summary>
    public ValueTask<int> OpenInputAsync(string path) => path == "-" ? ValueTask.FromResult(0) : Process.OpenAsync(path, OpenFlags.Read);

    /// <summary>As <see cref="OpenInputAsync"/>; says "NAME: PATH: reason" and returns null when it cannot. A directory fails when it is read.</summary>
    public async ValueTask<ByteReader?> TryOpenReaderAsync(string path, int? status = null)
    {
        try
        {
            var fd = await OpenInputAsync(path);
            return new ByteReader(Process, fd);
        }
        catch (ErrnoException failure)
        {
            Fail($"{Quote.Maybe(path)}: {failure.Message}", status);
            return null;
        }
    }

    /// <summary>The whole of a file.</summary>
    public async ValueTask<string> ReadAllAsync(string path)
    {
        using var reader = new ByteReader(Process, await OpenInputAsync(path));
        return await reader.ReadToEndAsync();
    }
}
