using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The users and groups of /etc/passwd and /etc/group.</summary>
internal sealed class UserDatabase
{
    public List<User> Users { get; } = [];

    public List<Group> Groups { get; } = [];

    public static async ValueTask<UserDatabase> LoadAsync(Invocation c)
    {
        var database = new UserDatabase();
        foreach (var fields in await ReadAsync(c, "/etc/passwd", 7))
        {
            if (uint.TryParse(fields[2], out var id) && uint.TryParse(fields[3], out var group))
            {
                database.Users.Add(new User(fields[0], fields[1], id, group, fields[4], fields[5], fields[6]));
            }
        }
        foreach (var fields in await ReadAsync(c, "/etc/group", 4))
        {
            if (uint.TryParse(fields[2], out var id))
            {
                database.Groups.Add(new Group(fields[0], fields[1], id, fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries)));
            }
        }
        return database;
    }

    public User? FindUser(string name) => Users.Find(u => u.Name == name);

    public User? FindUser(uint id) => Users.Find(u => u.Id == id);

    public Group? FindGroup(string name) => Groups.Find(g => g.Name == name);

    public Group? FindGroup(uint id) => Groups.Find(g => g.Id == id);

    public string UserName(uint id) => FindUser(id)?.Name ?? id.ToString();

    public string GroupName(uint id) => FindGroup(id)?.Name ?? id.ToString();

    /// <summary>A user's number from its name or number.</summary>
    public uint? UserId(string text) => FindUser(text)?.Id ?? (uint.TryParse(text, out var id) ? id : null);

    /// <summary>A group's number from its name or number.</summary>
    public uint? GroupId(string text) => FindGroup(text)?.Id ?? (uint.TryParse(text, out var id) ? id : null);

    /// <summary>The groups of a user as initgroups(3) gives them: the primary one first.</summary>
    public List<uint> GroupsOf(User user)
    {
        var groups = new List<uint> { user.GroupId };
        groups.AddRange(Groups.Where(g => g.Id != user.GroupId && g.Members.Contains(user.Name)).Select(g => g.Id));
        return groups;
    }

    private static async ValueTask<List<string[]>> ReadAsync(Invocation c, string path, int count)
    {
        try
        {
            var lines = (await c.ReadAllAsync(path)).Split('\n');
            return [.. lines.Select(l => l.Split(':')).Where(f => f.Length >= count)];
        }
        catch (ErrnoException)
        {
            // Without the file nobody has a name, and numbers show.
            return [];
        }
    }

    internal sealed record User(string Name, string Password, uint Id, uint GroupId, string Comment, string Home, string Shell);

    internal sealed record Group(string Name, string Password, uint Id, IReadOnlyList<string> Members);
}
