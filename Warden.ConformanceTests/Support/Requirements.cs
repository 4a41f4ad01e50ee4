using Xunit;

namespace Warden.ConformanceTests.Support;

/// <summary>What tests need of this machine. A test that names something that is missing is skipped with the reason.</summary>
internal static class Requirements
{
    /// <summary>Where programs of the administrator are, which an ordinary user's PATH leaves out.</summary>
    private static readonly string[] Administrators = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>Needs programs by their names in PATH, or by their paths.</summary>
    public static void Programs(params IEnumerable<string> names)
    {
        var missing = names.Where(name => Find(name) is null).ToList();
        Skip.If(missing.Count > 0, $"not installed: {string.Join(", ", missing)}");
    }

    /// <summary>The path of a program; null where it is not installed.</summary>
    public static string? Find(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return File.Exists(name) ? name : null;
        }

        var path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } value ? value.Split(Path.PathSeparator) : Administrators;
        return path.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Needs root on Linux.</summary>
    public static void LinuxRoot()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs Linux");
        Skip.IfNot(Environment.IsPrivilegedProcess, "needs root");
    }
}
