using System.Diagnostics;
using System.Text;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// Where hosts are made for servers: the machine of the tests, or a container on it. Its processes are among the machine's own, which may know
/// them by another number.
/// </summary>
internal abstract class LinuxMachine : IAsyncDisposable
{
    /// <summary>The containers' root filesystem, as servers find it.</summary>
    public abstract string Rootfs { get; }

    /// <summary>A process whose control groups are those of the machine: hosts get groups beneath.</summary>
    public abstract int ProcessId { get; }

    /// <summary>The words with which the server's executable is started.</summary>
    public abstract IReadOnlyList<string> Executable { get; }

    /// <summary>The script that makes hosts, as the machine finds it.</summary>
    protected abstract string HostScript { get; }

    /// <summary>Prepares a command on the machine, with its streams redirected.</summary>
    public abstract ProcessStartInfo Prepare(params IEnumerable<string> command);

    /// <summary>A path of the machine as the tests reach it.</summary>
    public abstract string PathOf(string path);

    /// <summary>The tests' number of the first process in a namespace of processes that was made on the machine.</summary>
    /// <param name="inner">Its number there.</param>
    public abstract int FirstOf(int inner);

    /// <summary>The tests' number of a process that a started command has begun on a host.</summary>
    /// <param name="started">The command.</param>
    /// <param name="reported">The process's number on its host.</param>
    public abstract int Find(Process started, int reported);

    /// <summary>Ends a started command and the host that it has made, by KILL.</summary>
    public abstract void Kill(Process started);

    /// <summary>Prepares the script that makes hosts.</summary>
    public ProcessStartInfo Script(params IEnumerable<string> arguments) => Prepare(["bash", HostScript, .. arguments]);

    public abstract ValueTask DisposeAsync();

    /// <summary>A program of the tests' machine, with its streams redirected.</summary>
    protected static ProcessStartInfo Redirected(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
    };
}
