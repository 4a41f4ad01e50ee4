using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>chown and chgrp.</summary>
internal sealed class Chown(string name) : GnuProgram(name)
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "RcfvhHLP", "recursive R", "changes c", "silent f", "quiet f", "verbose v", "no-dereference h", "dereference", "reference=", "from=", "preserve-root", "no-preserve-root");
        var database = await UserDatabase.LoadAsync(c);
        uint? user = null;
        uint? group = null;
        if (o.Last("reference") is { } reference)
        {
            try
            {
                var status = c.Process.Stat(reference);
                user = Name == "chown" ? status.UserId : null;
                group = status.GroupId;
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"failed to get attributes of {Quote.Always(reference)}: {failure.Message}");
            }
        }
        else
        {
            if (o.Operands.Count == 0)
            {
                throw c.MissingOperand();
            }
            var owner = o.Operands[0];
            o.Operands.RemoveAt(0);
            if (o.Operands.Count == 0)
            {
                throw c.MissingOperand(owner);
            }
            (user, group) = Name == "chown" ? ParseOwner(c, database, owner) : (null, ParseGroup(c, database, owner));
        }
        foreach (var path in o.Operands)
        {
            await ApplyAsync(c, o, path, user, group);
        }
        return c.Status;
    }

    /// <summary>Parses USER, USER:GROUP, USER: and :GROUP (a dot works as a colon does).</summary>
    public static (uint? User, uint? Group) ParseOwner(Invocation c, UserDatabase database, string text)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        if (at < 0 && database.UserId(text) is null)
        {
            at = text.IndexOf('.', StringComparison.Ordinal);
        }
        var userText = at < 0 ? text : text[..at];
        var groupText = at < 0 ? null : text[(at + 1)..];
        uint? user = userText.Length == 0 ? null : database.UserId(userText) ?? throw c.Die($"invalid user: {Quote.Locale(text)}");
        uint? group = groupText switch
        {
            null => null,
            "" => user is null ? null : database.FindUser(user.Value)?.GroupId ?? throw c.Die($"invalid spec: {Quote.Locale(text)}"),
            _ => database.GroupId(groupText) ?? throw c.Die($"invalid group: {Quote.Locale(text)}"),
        };
        return (user, group);
    }

    private static uint? ParseGroup(Invocation c, UserDatabase database, string text) =>
        text.Length == 0 ? null : database.GroupId(text) ?? throw c.Die($"invalid group: {Quote.Locale(text)}");

    private async ValueTask ApplyAsync(Invocation c, OptionSet o, string path, uint? user, uint? group)
    {
        var follow = !o.Has("h") && !(o.Has("R") && !o.Has("L"));
        FileStatus status;
        try
        {
            status = follow ? c.Process.Stat(path) : c.Process.LinkStat(path);
        }
        catch (ErrnoException failure)
        {
            c.Status = 1;
            if (!o.Has("f"))
            {
                var dangling = FilePath.TryLinkStat(c.Process, path) is not null;
                c.Fail($"cannot {(dangling ? "dereference" : "access")} {Quote.Always(path)}: {failure.Message}");
            }
            return;
        }
        if (o.Has("R") && status.Kind == FileKind.Directory)
        {
            try
            {
                foreach (var entry in c.Process.ReadDirectory(path))
                {
                    await ApplyAsync(c, o, FilePath.Join(path, entry.Name), user, group);
                }
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot read directory {Quote.Always(path)}: {failure.Message}");
            }
        }
        try
        {
            c.Process.ChangeOwner(path, user, group, follow);
            if (o.Has("v") || (o.Has("c") && ((user is not null && user != status.UserId) || (group is not null && group != status.GroupId))))
            {
                c.WriteLine($"changed ownership of {Quote.Always(path)}");
            }
        }
        catch (ErrnoException failure)
        {
            c.Status = 1;
            if (!o.Has("f"))
            {
                c.Fail($"changing {(Name == "chgrp" || user is null ? "group" : "ownership")} of {Quote.Always(path)}: {failure.Message}");
            }
        }
        await c.DrainAsync();
    }
}
