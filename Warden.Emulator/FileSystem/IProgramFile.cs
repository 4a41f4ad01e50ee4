namespace Warden.Emulator.FileSystem;

/// <summary>A regular file, as execve(2) looks at it.</summary>
internal interface IProgramFile
{
    /// <summary>Reads its first bytes.</summary>
    int ReadHead(Span<byte> buffer);
}
