namespace Warden.Spec.Backend;

/// <summary>
/// Where a copy goes (protocol.md §5): <c>src/</c> copies the contents, <c>src</c> the directory itself; of the destination only the
/// last component is created.
/// </summary>
public static class CopyPlan
{
    /// <summary>The path that the source's root is copied to.</summary>
    /// <param name="source">The source, with its trailing slash if it has one.</param>
    /// <param name="sourceIsDirectory">What the source is.</param>
    /// <param name="destination">The destination as asked for.</param>
    /// <param name="destinationIsDirectory">Whether it exists and is a directory.</param>
    /// <param name="parent">A directory to create first, or null.</param>
    public static string Target(
        string source, bool sourceIsDirectory, string destination, bool destinationIsDirectory, out string? parent)
    {
        parent = null;
        if (NameBelow(source, sourceIsDirectory, destination, destinationIsDirectory) is not { } name)
        {
            return destination;
        }

        if (!destinationIsDirectory)
        {
            parent = destination;
        }

        return destination.TrimEnd('/') + "/" + name;
    }

    /// <summary>The name beneath the destination that the source's root is copied to; null for the destination itself.</summary>
    /// <param name="source">The source, with its trailing slash if it has one.</param>
    /// <param name="sourceIsDirectory">What the source is.</param>
    /// <param name="destination">The destination as asked for.</param>
    /// <param name="destinationIsDirectory">Whether it exists and is a directory.</param>
    public static string? NameBelow(string source, bool sourceIsDirectory, string destination, bool destinationIsDirectory)
    {
        var name = LastComponent(source);
        var contents = source.EndsWith('/') || name is "." or ".." or "";
        if (sourceIsDirectory && contents)
        {
            return null;
        }

        var into = destinationIsDirectory || destination.EndsWith('/') || sourceIsDirectory;
        return into ? name : null;
    }

    private static string LastComponent(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }
}
