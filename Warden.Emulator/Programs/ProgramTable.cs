using System.Collections.Concurrent;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>
/// The programs that the root filesystems of an emulator have: the built-in ones and those that a test has added. Safe for use by several
/// threads.
/// </summary>
public sealed partial class ProgramTable
{
    private readonly ConcurrentDictionary<string, EmulatedProgram> _byPath = new(StringComparer.Ordinal);

    /// <summary>Creates a table of the built-in programs.</summary>
    public ProgramTable()
    {
        foreach (var program in BuiltIn)
        {
            Add(program);
        }
    }

    /// <summary>Raised after a program was added, so that containers that already exist get it too.</summary>
    public event Action<EmulatedProgram>? Added;

    /// <summary>The paths of all programs, and what is there.</summary>
    public IReadOnlyCollection<KeyValuePair<string, EmulatedProgram>> All => _byPath.ToArray();

    /// <summary>
    /// Adds a program at /usr/bin/NAME, or at NAME itself when that is an absolute path. One that is already there is replaced.
    /// </summary>
    /// <param name="name">The name that scripts call it by, or its absolute path.</param>
    /// <param name="run">Runs it in a process; the value is its exit status.</param>
    /// <exception cref="ArgumentException">The name is empty, or relative with a slash.</exception>
    public void Add(string name, Func<Process, ValueTask<int>> run)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(run);
        if (name[0] != '/' && name.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException("A program's name is a plain name or an absolute path.", nameof(name));
        }
        Add(new AddedProgram(name[0] == '/' ? name : "/usr/bin/" + name, run));
    }

    /// <summary>Adds a program at its paths. What is already there is replaced.</summary>
    /// <param name="program">The program.</param>
    public void Add(EmulatedProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        foreach (var path in program.Paths)
        {
            _byPath[path] = program;
        }
        Added?.Invoke(program);
    }

    /// <summary>The program at a path, or null.</summary>
    /// <param name="path">An absolute path without symbolic links, such as "/usr/bin/cat".</param>
    public EmulatedProgram? Find(string path) => _byPath.GetValueOrDefault(path);

    private sealed class AddedProgram(string path, Func<Process, ValueTask<int>> run) : EmulatedProgram
    {
        public override IReadOnlyList<string> Paths { get; } = [path];

        public override ValueTask<int> RunAsync(Process process) => run(process);
    }
}
