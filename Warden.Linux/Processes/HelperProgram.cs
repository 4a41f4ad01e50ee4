using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Processes;

/// <summary>
/// The program that makes containers and watches over them. It is run from a sealed copy in memory, so that nothing in a container can
/// overwrite what later containers are started with, whatever it finds at /proc/PID/exe.
/// </summary>
internal sealed class HelperProgram : IDisposable
{
    private const string Name = "warden-helper";

    // Nothing else of the server's environment.
    private static readonly string[] Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly SafeFileHandle _copy;

    private HelperProgram(SafeFileHandle copy) => _copy = copy;

    /// <summary>Takes up the program that lies beside the executable.</summary>
    /// <exception cref="WardenException">It is not there.</exception>
    /// <exception cref="LinuxException">The kernel refused the copy.</exception>
    public static HelperProgram Load() => Load(Path.Combine(AppContext.BaseDirectory, Name));

    /// <summary>Takes up a program.</summary>
    public static HelperProgram Load(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"Cannot read {path}, which the build makes where a C compiler is installed: {e.Message}", e);
        }

        var copy = Memfd.CreateExecutable(Name);
        try
        {
            RandomAccess.Write(copy, content, 0);
            Memfd.Seal(copy);
            return new HelperProgram(copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Starts it in a role.</summary>
    /// <param name="role">What it is to do, as protocol.h has it.</param>
    /// <param name="containerId">The container that it is for, which a list of processes shows.</param>
    /// <param name="connection">Its descriptor 0.</param>
    /// <param name="errorLog">The file that takes what it writes to its standard error.</param>
    public HostProcess Start(string role, string containerId, SafeFileHandle connection, string errorLog)
    {
        var path = $"/proc/self/fd/{_copy.DangerousGetHandle()}";
        var pid = PosixSpawn.Start(path, [Name, role, containerId], Environment, connection, errorLog);
        GC.KeepAlive(this);
        return HostProcess.OfChild(pid);
    }

    /// <inheritdoc/>
    public void Dispose() => _copy.Dispose();
}
