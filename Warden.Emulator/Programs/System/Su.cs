using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Su() : GnuProgram("su")
{
    protected override string Version => "su from util-linux 2.38.1";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        var login = arguments.Remove("-");
        var o = OptionSet.Parse(c, arguments, "c:fg:G:lmps:u:", ["command= c", "login l", "preserve-environment p", "shell= s", "group= g"]);
        login |= o.Has("l");
        var name = o.Operands.ElementAtOrDefault(0) ?? "root";
        var users = await UserDatabase.LoadAsync(c);
        var user = users.FindUser(name) ?? throw c.Die($"user {name} does not exist or the user entry does not contain all the required fields");
        if (c.Process.UserId != 0)
        {
            throw c.Die("Authentication failure");
        }
        c.Process.SetCredentials(user.Id, user.GroupId, users.GroupsOf(user));
        var shell = o.Last("s") ?? (user.Shell.Length > 0 ? user.Shell : "/bin/sh");
        var environment = login ? [] : c.Process.Environment.ToList();
        void Set(string key, string value)
        {
            environment.RemoveAll(e => e.Key == key);
            environment.Add(KeyValuePair.Create(key, value));
        }
        if (!o.Has("p") && !o.Has("m"))
        {
            Set("HOME", user.Home);
            Set("SHELL", shell);
            if (login || user.Id != 0)
            {
                Set("USER", name);
                Set("LOGNAME", name);
            }
            if (login)
            {
                Set("PATH", user.Id == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games");
            }
        }
        if (login)
        {
            try
            {
                c.Process.ChangeDirectory(user.Home);
            }
            catch (ErrnoException failure)
            {
                c.Warn($"warning: cannot change directory to {user.Home}: {failure.Message}");
            }
        }
        var bare = FilePath.BaseName(shell);
        List<string> command = [login ? "-" + bare : bare];
        if (o.Last("c") is { } script)
        {
            command.AddRange(["-c", script]);
        }
        command.AddRange(o.Operands.Skip(1));
        await c.FlushAsync();
        try
        {
            return await c.Process.ExecuteAsync(shell, command, environment);
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"failed to execute {shell}: {failure.Message}", Execution.StatusOf(failure));
        }
    }
}
