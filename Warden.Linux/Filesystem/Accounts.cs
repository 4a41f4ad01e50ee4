using System.Globalization;
using System.Text;

namespace Warden.Linux.Filesystem;

/// <summary>The lines of passwd(5), group(5) and shadow(5) of a root filesystem, with the user vcap put in.</summary>
internal static class Accounts
{
    public const string User = "vcap";
    public const string Home = "/home/vcap";
    private const string Shell = "/bin/bash";
    private const int UidField = 2;
    private const int GidField = 3;
    private const int PasswdFields = 7;

    // Bytes that are not UTF-8 (a name of the eighties in a GECOS field) stay as they are.
    private static readonly Encoding Bytes = Encoding.Latin1;

    /// <summary>The passwd file with vcap as <paramref name="id"/>.</summary>
    /// <param name="passwd">The root filesystem's; empty when it has none.</param>
    /// <param name="id">The uid and gid.</param>
    /// <param name="former">The uid that vcap has in the root filesystem; null when it has no vcap.</param>
    public static byte[] Passwd(byte[] passwd, uint id, out uint? former)
    {
        var lines = Lines(passwd.Length > 0 ? passwd : Bytes.GetBytes($"root:x:0:0:root:/root:{Shell}\n"));
        former = null;
        var index = Find(lines, User);
        if (index >= 0 && lines[index].Split(':') is { Length: >= PasswdFields } fields)
        {
            former = uint.TryParse(fields[UidField], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : null;
            lines.RemoveAt(index);
            (fields[UidField], fields[GidField]) = (Text(id), Text(id));
            fields[5] = Home;
            Insert(lines, string.Join(':', fields), id);
        }
        else
        {
            Insert(lines, $"{User}:x:{id}:{id}:{User}:{Home}:{Shell}", id);
        }

        return Join(lines);
    }

    /// <summary>The group file with vcap as <paramref name="id"/>; who is a member of it stays so.</summary>
    public static byte[] Group(byte[] group, uint id)
    {
        var lines = Lines(group.Length > 0 ? group : "root:x:0:\n"u8.ToArray());
        var index = Find(lines, User);
        var members = "";
        if (index >= 0)
        {
            members = lines[index].Split(':').ElementAtOrDefault(3) ?? "";
            lines.RemoveAt(index);
        }

        Insert(lines, $"{User}:x:{id}:{members}", id);
        return Join(lines);
    }

    /// <summary>The shadow file with a vcap that no password lets in, unless it has one.</summary>
    public static byte[] Shadow(byte[] shadow)
    {
        var lines = Lines(shadow);
        if (Find(lines, User) < 0)
        {
            lines.Add($"{User}:*:19000:0:99999:7:::");
        }

        return Join(lines);
    }

    private static int Find(List<string> lines, string name) => lines.FindIndex(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    // Of two lines with one id the first gives it its name.
    private static void Insert(List<string> lines, string line, uint id)
    {
        var same = lines.FindIndex(other => other.Split(':') is { Length: > UidField } fields && fields[UidField] == Text(id));
        lines.Insert(same < 0 ? lines.Count : same, line);
    }

    private static string Text(uint id) => id.ToString(CultureInfo.InvariantCulture);

    private static List<string> Lines(byte[] content) => [.. Bytes.GetString(content).Split('\n').Where(line => line.Length > 0)];

    private static byte[] Join(List<string> lines) => Bytes.GetBytes(string.Concat(lines.Select(line => line + "\n")));
}
