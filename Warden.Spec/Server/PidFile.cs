using System.Diagnostics;
using System.Globalization;

namespace Warden.Spec.Server;

/// <summary>
/// The file that holds the server's process id (protocol.md §6): a living one refuses the start, a dead one is replaced, and the file is
/// removed at the end.
/// </summary>
internal sealed class PidFile : IDisposable
{
    private static readonly HashSet<string> Held = [];

    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <summary>Takes the file.</summary>
    /// <exception cref="WardenException">A living process has it, or it holds something else.</exception>
    public static PidFile Acquire(string path)
    {
        var full = Path.GetFullPath(path);
        lock (Held)
        {
            if (Held.Contains(full))
            {
                throw Taken(path, Environment.ProcessId);
            }

            try
            {
                RemoveDead(full, path);
                if (Path.GetDirectoryName(full) is { } directory)
                {
                    Directory.CreateDirectory(directory);
                }

                // CreateNew fails when another server was quicker.
                using var file = new FileStream(full, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
                file.Write(System.Text.Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new WardenException($"cannot write the pidfile {path}: {e.Message}", e);
            }

            Held.Add(full);
            return new PidFile(full);
        }
    }

    /// <summary>Gives the file up and leaves it where it is, as a killed server does.</summary>
    public void Abandon()
    {
        lock (Held)
        {
            Held.Remove(_path);
        }
    }

    /// <summary>Removes the file, if it still is this server's.</summary>
    public void Dispose()
    {
        lock (Held)
        {
            if (!Held.Remove(_path))
            {
                return;
            }

            try
            {
                if (Read(_path) == Environment.ProcessId)
                {
                    File.Delete(_path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It cannot be read or removed any more: the next server finds a dead process id in it.
            }
        }
    }

    private static void RemoveDead(string full, string path)
    {
        if (!File.Exists(full))
        {
            return;
        }

        var pid = Read(full);
        if (pid < 0)
        {
            throw new WardenException($"the pidfile {path} holds no process id, and is not replaced");
        }

        // This process's own id, held by no server of it, is what one of an earlier start left.
        if (pid > 0 && pid != Environment.ProcessId && IsAlive(pid))
        {
            throw Taken(path, pid);
        }

        File.Delete(full);
    }

    /// <summary>The id in the file; 0 when it is empty, -1 when it holds something else.</summary>
    private static int Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        Span<char> start = stackalloc char[32];
        var text = start[..reader.ReadBlock(start)].Trim();
        return text.IsEmpty ? 0
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid
            : -1;
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static WardenException Taken(string path, int pid) =>
        new($"the pidfile {path} names the living process {pid}: another server is running");
}
