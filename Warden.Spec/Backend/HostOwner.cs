using System.Globalization;

namespace Warden.Spec.Backend;

/// <summary>Who owns what CopyOut writes on the real host.</summary>
/// <param name="User">The uid.</param>
/// <param name="Group">The gid.</param>
public readonly record struct HostOwner(uint User, uint Group)
{
    // chown(2) takes it for "leave the owner as it is".
    private const uint Unchanged = uint.MaxValue;

    /// <summary>The owner of copies for which none was asked.</summary>
    public static HostOwner Root { get; } = new(0, 0);

    /// <summary>Reads "USER" or "USER:GROUP", names of the host's passwd(5) and group(5), or numbers.</summary>
    /// <exception cref="WardenException">The host has no such user or group.</exception>
    public static HostOwner Parse(string owner)
    {
        var separator = owner.IndexOf(':', StringComparison.Ordinal);
        var userName = separator < 0 ? owner : owner[..separator];
        var user = Find("/etc/passwd", userName) ?? throw new WardenException($"Unknown owner: the host has no user '{userName}'");
        if (separator == owner.Length - 1)
        {
            throw new WardenException($"Unknown owner: '{owner}' names no group after the colon");
        }

        if (separator < 0)
        {
            return new(user.Id, user.GroupId ?? user.Id);
        }

        var groupName = owner[(separator + 1)..];
        var group = Find("/etc/group", groupName) ?? throw new WardenException($"Unknown owner: the host has no group '{groupName}'");
        return new(user.Id, group.Id);
    }

    private static (uint Id, uint? GroupId)? Find(string file, string name)
    {
        if (name.Length > 0 && File.Exists(file))
        {
            foreach (var line in File.ReadLines(file))
            {
                var fields = line.Split(':');
                if (fields.Length >= 4 && fields[0] == name && TryParse(fields[2], out var id))
                {
                    return (id, TryParse(fields[3], out var group) ? group : null);
                }
            }
        }

        return TryParse(name, out var number) ? (number, null) : null;
    }

    private static bool TryParse(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number != Unchanged;
}
