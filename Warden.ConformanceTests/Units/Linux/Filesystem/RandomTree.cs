using System.Runtime.Versioning;
using Bogus;
using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Filesystem;

/// <summary>A tree of files, links and directories of random names, modes and content, which a copy is compared with.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RandomTree
{
    private readonly string _path;

    public RandomTree(Faker faker, string path)
    {
        _path = path;
        Fill(faker, path, 0);
        HostSystem.Run("mkfifo", $"{path}/fifo");
    }

    /// <summary>The entries of the tree, but for its FIFO, are at a path with their kinds, modes, content and targets.</summary>
    public void ExpectAt(string path)
    {
        var expected = List(_path).Where(line => !line.StartsWith("fifo ", StringComparison.Ordinal));
        Assert.Equal(expected, List(path));
        foreach (var file in HostSystem.Run("find", _path, "-type", "f", "-print").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(path + file[_path.Length..]));
        }
    }

    /// <summary>The owners and groups that occur in a tree. A walk of .NET's would go through links to directories.</summary>
    public static IEnumerable<string> Owners(string path) => HostSystem.Run("find", path, "-printf", "%U %G\n").Split('\n').Distinct();

    private static IEnumerable<string> List(string path) =>
        HostSystem.Run("find", path, "-mindepth", "1", "-printf", "%P %y %m %l\n").Split('\n').Order(StringComparer.Ordinal);

    private static void Fill(Faker faker, string path, int depth)
    {
        Directory.CreateDirectory(path);
        foreach (var index in Enumerable.Range(0, faker.Random.Int(1, 6)))
        {
            var name = $"{path}/{index} {faker.Random.String2(1, 40, "abc ÄÖ'\"\\$*?[~%")}";
            switch (faker.Random.Int(0, depth < 5 ? 3 : 2))
            {
                case 0:
                    File.CreateSymbolicLink(name, faker.PickRandom("nowhere", "/etc/passwd", ".", faker.Random.String2(200)));
                    break;
                case 3:
                    Fill(faker, name, depth + 1);
                    break;
                default:
                    File.WriteAllBytes(name, faker.Random.Bytes(faker.PickRandom(0, 1, 4096, 100000, 3 << 20)));
                    File.SetUnixFileMode(name, (UnixFileMode)faker.Random.Int(0, 0x1FF));
                    break;
            }
        }

        File.SetUnixFileMode(path, (UnixFileMode)(faker.Random.Int(0, 0x1FF) | 0x1C0));
    }
}
