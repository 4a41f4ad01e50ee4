namespace Warden.ConformanceTests.Support;

/// <summary>A directory of the host that is gone with the test. Its path is short: a socket's path has room for 100 bytes.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("wrd-").FullName;
        Open(Path);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    /// <summary>Makes a directory that every user may enter, as users of containers are others than the tests' own.</summary>
    public string Make(string name)
    {
        Directory.CreateDirectory(this[name]);
        Open(this[name]);
        return this[name];
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, true);
        }
        catch (IOException)
        {
            // What a container's user made there may not be the tests' to remove.
        }
        catch (UnauthorizedAccessException)
        {
            // As above.
        }
    }

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
        }
    }
}
