using System.Text.Json;
using Xunit;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Files of the host as transcripts describe them.</summary>
internal static class HostFiles
{
    /// <summary>Makes what the transcript finds on the host.</summary>
    public static void Make(JsonElement files, string temporaryDirectory)
    {
        var linked = new Dictionary<string, string>();
        foreach (var (path, file) in Entries(files, temporaryDirectory))
        {
            switch (file.GetProperty("type").GetString())
            {
                case "dir":
                    Directory.CreateDirectory(path);
                    SetMode(path, file);
                    break;
                case "link":
                    File.CreateSymbolicLink(path, file.GetProperty("target").GetString()!);
                    break;
                default:
                    var content = file.GetProperty("content").GetString()!;
                    if (file.GetProperty("links").GetInt32() > 1 && linked.TryGetValue(content, out var sibling))
                    {
                        Support.HostSystem.Link(sibling, path);
                        break;
                    }

                    linked[content] = path;
                    File.WriteAllText(path, content);
                    SetMode(path, file);
                    break;
            }
        }
    }

    /// <summary>Compares the host with what the transcript leaves there.</summary>
    public static void Expect(JsonElement files, string temporaryDirectory)
    {
        foreach (var (path, file) in Entries(files, temporaryDirectory))
        {
            var owner = file.GetProperty("uid").GetInt32();
            if (owner != 0 && !Environment.IsPrivilegedProcess)
            {
                continue;
            }

            if (file.GetProperty("type").GetString() == "link")
            {
                Assert.Equal(file.GetProperty("target").GetString(), new FileInfo(path).LinkTarget);
            }
            else
            {
                ExpectContent(path, file);
            }

            if (Environment.IsPrivilegedProcess && OperatingSystem.IsLinux())
            {
                var status = Support.HostSystem.Status(path);
                Assert.Equal((path, owner, file.GetProperty("gid").GetInt32()), (path, status.UserId, status.GroupId));
                Assert.Equal(file.TryGetProperty("links", out var links) ? links.GetInt32() : status.Links, status.Links);
            }
        }
    }

    /// <summary>Whether a step can succeed only for a server that may change owners.</summary>
    public static bool NeedsRoot(JsonElement step) =>
        step.TryGetProperty("fields", out var fields) && fields.TryGetProperty("owner", out _);

    private static void ExpectContent(string path, JsonElement file)
    {
        var isDirectory = file.GetProperty("type").GetString() == "dir";
        Assert.Equal(isDirectory, Directory.Exists(path));
        if (!isDirectory)
        {
            Assert.Equal(file.GetProperty("content").GetString(), File.ReadAllText(path));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(file.GetProperty("mode").GetString(), Convert.ToString((int)File.GetUnixFileMode(path), 8));
        }
    }

    private static IEnumerable<(string Path, JsonElement File)> Entries(JsonElement files, string temporaryDirectory) =>
        files.EnumerateObject().Select(file => (file.Name.Replace("$TMP", temporaryDirectory, StringComparison.Ordinal), file.Value));

    private static void SetMode(string path, JsonElement file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(file.GetProperty("mode").GetString(), 8));
        }
    }
}
