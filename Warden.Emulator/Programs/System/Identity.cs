namespace Warden.Emulator.Programs;

internal sealed class Id() : GnuProgram("id")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("agGnruzZ", "group g", "groups G", "name n", "real r", "user u", "zero z");
        var users = await UserDatabase.LoadAsync(c);
        if (o.Has("u") && (o.Has("g") || o.Has("G")))
        {
            throw c.Die("cannot print \"only\" of more than one choice");
        }
        var only = o.LastOf("u", "g", "G");
        if (only is null && (o.Has("n") || o.Has("r")))
        {
            throw c.Die("cannot print only names or real IDs in default format");
        }
        if (o.Operands.Count == 0)
        {
            var groups = new List<uint> { c.Process.PrimaryGroupId };
            groups.AddRange(c.Process.Groups.Where(g => g != c.Process.PrimaryGroupId));
            Show(c, o, users, only, c.Process.UserId, c.Process.PrimaryGroupId, groups);
        }
        foreach (var name in o.Operands)
        {
            var user = users.FindUser(name) ?? (uint.TryParse(name, out var id) ? users.FindUser(id) : null);
            if (user is null)
            {
                c.Fail($"{Quote.Always(name)}: no such user");
                continue;
            }
            Show(c, o, users, only, user.Id, user.GroupId, users.GroupsOf(user));
        }
        return c.Status;
    }

    private static void Show(Invocation c, OptionSet o, UserDatabase users, string? only, uint user, uint group, List<uint> groups)
    {
        var end = o.Has("z") ? "\0" : "\n";
        string Named(uint id, string? name) => name is null ? id.ToString() : $"{id}({name})";
        string GroupText(uint id)
        {
            if (!o.Has("n"))
            {
                return id.ToString();
            }
            if (users.FindGroup(id) is { } known)
            {
                return known.Name;
            }
            c.Fail($"cannot find name for group ID {id}");
            return id.ToString();
        }
        switch (only)
        {
            case "u":
                if (o.Has("n") && users.FindUser(user) is null)
                {
                    c.Fail($"cannot find name for user ID {user}");
                }
                c.Write((o.Has("n") ? users.UserName(user) : user.ToString()) + end);
                break;
            case "g":
                c.Write(GroupText(group) + end);
                break;
            case "G":
                c.Write(string.Join(o.Has("z") ? '\0' : ' ', groups.Select(GroupText)) + end);
                break;
            default:
                c.WriteLine($"uid={Named(user, users.FindUser(user)?.Name)} gid={Named(group, users.FindGroup(group)?.Name)} "
                    + $"groups={string.Join(',', groups.Select(g => Named(g, users.FindGroup(g)?.Name)))}");
                break;
        }
    }
}

internal sealed class Whoami() : GnuProgram("whoami")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("");
        if (o.Operands.Count > 0)
        {
            throw c.ExtraOperand(o.Operands[0]);
        }
        var users = await UserDatabase.LoadAsync(c);
        var user = users.FindUser(c.Process.UserId) ?? throw c.Die($"cannot find name for user ID {c.Process.UserId}");
        c.WriteLine(user.Name);
        return 0;
    }
}

internal sealed class Groups() : GnuProgram("groups")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("");
        var users = await UserDatabase.LoadAsync(c);
        if (o.Operands.Count == 0)
        {
            var ids = new List<uint> { c.Process.PrimaryGroupId };
            ids.AddRange(c.Process.Groups.Where(g => g != c.Process.PrimaryGroupId));
            c.WriteLine(string.Join(' ', ids.Select(users.GroupName)));
        }
        foreach (var name in o.Operands)
        {
            if (users.FindUser(name) is { } user)
            {
                c.WriteLine($"{name} : {string.Join(' ', users.GroupsOf(user).Select(users.GroupName))}");
            }
            else
            {
                c.Fail($"{Quote.Always(name)}: no such user");
            }
        }
        return c.Status;
    }
}

internal sealed class Logname() : GnuProgram("logname")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        c.Options("");
        throw c.Die("no login name");
    }
}
