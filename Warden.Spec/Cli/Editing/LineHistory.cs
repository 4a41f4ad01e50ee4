namespace Warden.Spec.Cli.Editing;

/// <summary>
/// The lines that were typed, kept in a file, one a line, oldest first. Only its owner may read the file: scripts carry secrets. A
/// file that cannot be read or written costs the history, never the line.
/// </summary>
internal sealed class LineHistory
{
    private const int Capacity = 1000;

    private readonly string? _path;
    private readonly List<string> _lines = [];

    /// <param name="path">The file; null keeps the history in memory.</param>
    internal LineHistory(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && File.Exists(path))
            {
                string[] kept = File.ReadAllLines(path);
                _lines.AddRange(kept.TakeLast(Capacity));
                if (kept.Length > 2 * Capacity)
                {
                    File.WriteAllLines(path, _lines);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _path = null;
        }
    }

    internal int Count => _lines.Count;

    internal string this[int index] => _lines[index];

    /// <summary>$WARDEN_HISTORY, else .warden_history in the user's home; null when there is neither.</summary>
    internal static string? DefaultPath()
    {
        if (Environment.GetEnvironmentVariable("WARDEN_HISTORY") is { Length: > 0 } path)
        {
            return path;
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".warden_history") : null;
    }

    /// <summary>Remembers a line, unless it is blank or the last one again.</summary>
    internal void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        _lines.Add(line);
        if (_path is null)
        {
            return;
        }

        try
        {
            FileStreamOptions options = new() { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using StreamWriter file = new(_path, options);
            file.Write(line + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The line stays in memory.
        }
    }
}
