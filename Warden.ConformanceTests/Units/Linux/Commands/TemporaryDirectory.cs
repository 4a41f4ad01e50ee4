namespace Warden.ConformanceTests.Units.Linux.Commands;

/// <summary>A directory of one test, removed after it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("warden-commands-");

    public string Path => _directory.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a program of bash that is found where <see cref="Path"/> is in PATH.</summary>
    public void AddProgram(string name, string script) =>
        Support.HostSystem.WriteProgram(this[name], "#!/bin/bash\nPATH=/usr/bin:/bin\n" + script);

    public void Dispose() => _directory.Delete(recursive: true);
}
