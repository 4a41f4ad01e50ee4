using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.Programs;

internal sealed class Nproc() : GnuProgram("nproc")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("", "all", "ignore=");
        if (o.Operands.Count > 0)
        {
            throw c.ExtraOperand(o.Operands[0]);
        }
        var ignored = int.TryParse(o.Last("ignore"), out var count) ? count : 0;
        c.WriteLine(Math.Max(1, Environment.ProcessorCount - ignored).ToString());
        return ValueTask.FromResult(0);
    }
}

/// <summary>sync: everything is in memory, and has been written by then.</summary>
internal sealed class Sync() : GnuProgram("sync")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("df", "data d", "file-system f");
        foreach (var path in o.Operands)
        {
            try
            {
                c.Process.Stat(path);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error opening {Quote.Always(path)}: {failure.Message}");
            }
        }
        return ValueTask.FromResult(c.Status);
    }
}

internal sealed class Tty() : GnuProgram("tty")
{
    protected override int FailureStatus => 2;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("s", "silent s", "quiet s");
        var isTerminal = c.Process.TryGetFile(0, out var file) && file.IsTerminal;
        if (!o.Has("s"))
        {
            c.WriteLine(isTerminal ? file.Name : "not a tty");
        }
        return ValueTask.FromResult(isTerminal ? 0 : 1);
    }
}

internal sealed class Stty() : GnuProgram("stty")
{
    protected override ValueTask<int> MainAsync(Invocation c) =>
        c.Process.TryGetFile(0, out var file) && file.IsTerminal
            ? ValueTask.FromResult(0)
            : throw c.Die("'standard input': " + ErrnoException.Describe(Errno.ENOTTY));
}

internal sealed class Mount() : GnuProgram("mount")
{
    protected override string Version => "mount from util-linux 2.38.1";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("at:o:rwBvnl", "all a", "types= t", "options= o", "bind B", "read-only r", "verbose v");
        if (o.Operands.Count == 0 && !o.Has("a"))
        {
            foreach (var line in (await c.ReadAllAsync("/proc/mounts")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var f = line.Split(' ');
                if (f.Length >= 4 && (o.Last("t") is null || o.Last("t") == f[2]))
                {
                    c.WriteLine($"{f[0]} on {f[1]} type {f[2]} ({f[3]})");
                }
            }
            return 0;
        }
        // A container has no right to mount.
        var target = o.Operands.Count > 0 ? o.Operands[^1] : "/";
        throw c.Die(c.Process.UserId != 0 ? $"{target}: must be superuser to use mount." : $"{target}: permission denied.", c.Process.UserId != 0 ? 1 : 32);
    }
}

internal sealed class Umount() : GnuProgram("umount")
{
    protected override string Version => "umount from util-linux 2.38.1";

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("aflnrRt:v", "force f", "lazy l", "recursive R");
        foreach (var path in o.Operands.Count > 0 ? o.Operands : throw c.Usage("bad usage"))
        {
            c.Warn(FilePath.TryStat(c.Process, path) is null ? $"{path}: no mount point specified."
                : c.Process.UserId == 0 ? $"{path}: must be superuser to unmount." : $"{path}: must be superuser to unmount.");
        }
        return ValueTask.FromResult(32);
    }
}

internal sealed class Mountpoint() : GnuProgram("mountpoint")
{
    protected override string Version => "mountpoint from util-linux 2.38.1";

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("dqx", "quiet q", "fs-devno d");
        var path = o.Operands.Count == 1 ? o.Operands[0] : throw c.Usage("bad usage");
        try
        {
            var full = c.Process.RealPath(path);
            var isMountPoint = c.Process.StatFileSystem(full).MountPoint == full;
            if (!o.Has("q"))
            {
                c.WriteLine($"{path} is {(isMountPoint ? "" : "not ")}a mountpoint");
            }
            return ValueTask.FromResult(isMountPoint ? 0 : 32);
        }
        catch (ErrnoException failure)
        {
            throw o.Has("q") ? new ProgramExit(1) : c.Die($"{path}: {failure.Message}");
        }
    }
}

internal sealed class Chroot() : GnuProgram("chroot", "/usr/sbin")
{
    protected override int FailureStatus => 125;

    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+", "userspec=", "groups=", "skip-chdir");
        var path = o.Operands.Count > 0 ? o.Operands[0] : throw c.MissingOperand();
        var reason = Errno.EPERM;
        try
        {
            reason = c.Process.Stat(path).Kind == FileKind.Directory ? reason : Errno.ENOTDIR;
        }
        catch (ErrnoException failure)
        {
            reason = failure.Errno;
        }
        throw c.Die($"cannot change root directory to {Quote.Always(path)}: {ErrnoException.Describe(reason)}");
    }
}

internal sealed class Logger() : GnuProgram("logger")
{
    protected override string Version => "logger from util-linux 2.38.1";

    // Without a syslog daemon in the container what is logged goes nowhere, as it does there.
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("eif:p:st:", "priority= p", "stderr s", "tag= t", "file= f", "id? i");
        var text = o.Operands.Count > 0 ? string.Join(' ', o.Operands) : await c.ReadAllAsync(o.Last("f") ?? "-");
        if (o.Has("s"))
        {
            var users = await UserDatabase.LoadAsync(c);
            c.WarnRaw($"<13>{o.Last("t") ?? users.UserName(c.Process.UserId)}: {text.TrimEnd('\n')}\n");
        }
        return 0;
    }
}

internal sealed class Getconf() : GnuProgram("getconf")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var value = c.Arguments.Count == 0 ? null : c.Arguments[0] switch
        {
            "PAGE_SIZE" or "PAGESIZE" => "4096",
            "CLK_TCK" => "100",
            "ARG_MAX" => "2097152",
            "OPEN_MAX" => c.Process.GetLimit(ResourceLimit.Nofile).Soft.ToString(),
            "_NPROCESSORS_ONLN" or "_NPROCESSORS_CONF" => Environment.ProcessorCount.ToString(),
            "LONG_BIT" => "64",
            "PATH_MAX" => "4096",
            "NAME_MAX" => "255",
            "PIPE_BUF" => "4096",
            "HOST_NAME_MAX" => "64",
            "GNU_LIBC_VERSION" => "glibc 2.36",
            _ => null,
        };
        if (value is null)
        {
            c.WarnRaw(c.Arguments.Count == 0 ? "Usage: getconf [-v specification] variable_name [pathname]\n" : $"getconf: Unrecognized variable `{c.Arguments[0]}'\n");
            return ValueTask.FromResult(2);
        }
        c.WriteLine(value);
        return ValueTask.FromResult(0);
    }
}

internal sealed class Getent() : GnuProgram("getent")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("i:s:", "no-idn i", "service= s");
        if (o.Operands.Count == 0)
        {
            c.WarnRaw("getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n");
            return 1;
        }
        var (database, keys) = (o.Operands[0], o.Operands[1..]);
        var path = database switch { "passwd" => "/etc/passwd", "group" => "/etc/group", "hosts" or "ahosts" or "ahostsv4" => "/etc/hosts", "services" => "/etc/services", _ => null };
        if (path is null)
        {
            c.WarnRaw($"Unknown database: {database}\n");
            c.Write("Try `getent --help' or `getent --usage' for more information.\n");
            return 1;
        }
        var lines = (await c.ReadAllAsync(path)).Split('\n').Where(l => l.Length > 0 && l[0] != '#').ToList();
        var status = 0;
        foreach (var key in keys.Count == 0 ? [""] : keys)
        {
            var found = lines.Where(l => key.Length == 0 || Matches(database, l, key)).Select(l => Show(database, l)).ToList();
            foreach (var line in key.Length == 0 ? found : found.Take(1))
            {
                c.WriteLine(line);
            }
            status = found.Count == 0 ? 2 : status;
        }
        return status;
    }

    private static bool Matches(string database, string line, string key)
    {
        if (database is "passwd" or "group")
        {
            var fields = line.Split(':');
            return fields[0] == key || (fields.Length > 2 && fields[2] == key && key.All(char.IsAsciiDigit));
        }
        return line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Contains(key);
    }

    private static string Show(string database, string line)
    {
        if (database is "passwd" or "group")
        {
            return line;
        }
        var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return database == "hosts" ? words[0].PadRight(15) + " " + string.Join(' ', words.Skip(1))
            : words[0].PadRight(15) + " STREAM " + words[1];
    }
}
