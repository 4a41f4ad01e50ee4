namespace Warden.Linux.Commands;

/// <summary>A path for a socket in a directory of its own, which is removed in the end.</summary>
internal sealed class FreshSocket : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("warden-");

    /// <summary>The path.</summary>
    public string Path => System.IO.Path.Combine(_directory.FullName, "warden.sock");

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);
}
