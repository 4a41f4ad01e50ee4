using Warden.Linux.Setup.Interop;

namespace Warden.Linux.Setup;

/// <summary>The capabilities that files grant to who executes them (capabilities(7)).</summary>
internal static class FileCapabilities
{
    private const string Attribute = "security.capability";

    private static readonly EnumerationOptions EveryEntry = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>Takes them from every file of a tree. Links are not followed.</summary>
    public static void RemoveAll(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*", EveryEntry))
        {
            ExtendedAttributes.Remove(file, Attribute);
        }
    }
}
