using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Parameters, and the variables that the shell makes up.</summary>
internal sealed partial class Interpreter
{
    private const string VersionText = "5.2.15(1)-release";

    private static readonly string[] MadeUp =
    [
        "BASHPID", "BASH_COMMAND", "BASH_SUBSHELL", "EPOCHREALTIME", "EPOCHSECONDS", "LINENO", "RANDOM", "SECONDS", "SRANDOM", "_",
    ];

    private readonly HashSet<string> _noLongerSpecial = new(StringComparer.Ordinal);

    /// <summary>$- .</summary>
    public string OptionLetters
    {
        get
        {
            var letters = Options.Letters;
            return letters + (ReadsStandardInput ? "s" : "") + (CommandString ? "c" : "");
        }
    }

    /// <summary>IFS; " \t\n" when unset.</summary>
    public string FieldSeparators => Variables.Find("IFS") is { } variable ? variable.Value ?? " \t\n" : " \t\n";

    /// <summary>What joins "$*".</summary>
    public string ListSeparator => FieldSeparators is { Length: > 0 } separators ? separators[..1] : "";

    /// <summary>The value of $name; null when unset.</summary>
    public string? GetParameter(string name)
    {
        var c = name[0];
        if (char.IsAsciiDigit(c))
        {
            return !int.TryParse(name, out var number) ? null
                : number == 0 ? ProgramName : number <= Positional.Count ? Positional[number - 1] : null;
        }

        if (!Names.IsNameStart(c))
        {
            return c switch
            {
                '?' => Status.ToString(),
                '#' => Positional.Count.ToString(),
                '$' => ShellId.ToString(),
                '!' => LastBackgroundId == 0 ? null : LastBackgroundId.ToString(),
                '-' => OptionLetters,
                _ => string.Join(c == '*' ? ListSeparator : " ", Positional),
            };
        }

        if (c is (>= 'A' and <= 'Z') or '_' && GetMadeUp(name) is { } special)
        {
            return special;
        }

        if (Variables.FindRaw(name) is { } variable)
        {
            if (!variable.Has(VariableAttributes.NameReference))
            {
                return variable.Value;
            }

            var target = Variables.Resolve(name);
            var bracket = target.IndexOf('[', StringComparison.Ordinal);
            if (bracket > 0 && target.EndsWith(']'))
            {
                return FindArray(target[..bracket]) is { } array ? Variables.GetElement(array, target[(bracket + 1)..^1]) : null;
            }

            return target == name ? variable.Scalar : GetParameter(target);
        }

        return FindArray(name)?.Value;
    }

    private string? GetMadeUp(string name)
    {
        if (_noLongerSpecial.Contains(name))
        {
            return null;
        }

        switch (name)
        {
            case "_":
                return LastArgument;
            case "BASH_COMMAND":
                return _currentCommand is null ? null : CommandPrinter.Print(_currentCommand);
            case "LINENO":
                return LineNumber.ToString();
            case "BASHPID":
                return Process.Id.ToString();
            case "BASH_SUBSHELL":
                return SubshellDepth.ToString();
            case "RANDOM":
                return Random.Next(32768).ToString();
            case "SRANDOM":
                return Random.NextInt64(1L << 32).ToString();
            case "SECONDS":
                return ((long)(Process.Clock.GetUtcNow() - Started).TotalSeconds).ToString();
            case "EPOCHSECONDS":
                return Process.Clock.GetUtcNow().ToUnixTimeSeconds().ToString();
            case "EPOCHREALTIME":
                var now = Process.Clock.GetUtcNow();
                return $"{now.ToUnixTimeSeconds()}.{now.Ticks / 10 % 1_000_000:D6}";
            default:
                return null;
        }
    }

    /// <summary>A variable that may be an array, those that the shell makes up included.</summary>
    public Variable? FindArray(string name)
    {
        switch (name)
        {
            case "PIPESTATUS":
                return ArrayOf(name, PipeStatus.Select(static status => status.ToString()));
            case "FUNCNAME" when Frames.Count > 0:
                return ArrayOf(name, CallStack().Select(static frame => frame.Name));
            case "BASH_SOURCE" when Frames.Count > 0 || !ReadsStandardInput:
                return ArrayOf(name, CallStack().Select(static frame => frame.Source));
            case "BASH_LINENO" when Frames.Count > 0 || !ReadsStandardInput:
                return ArrayOf(name, CallStack().Select(static frame => frame.CallLine.ToString()));
            case "DIRSTACK":
                return ArrayOf(name, DirectoryStack.Prepend(WorkingDirectory));
            case "GROUPS":
                return ArrayOf(name, Process.Groups.Prepend(Process.PrimaryGroupId).Distinct().Select(static group => group.ToString()));
            case "BASH_VERSINFO":
                return ArrayOf(name, ["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"]);
            default:
                return Variables.Find(name);
        }
    }

    /// <summary>The functions and files that run, the innermost first, and at last the script when it is a file.</summary>
    public IEnumerable<CallFrame> CallStack()
    {
        for (var i = Frames.Count - 1; i >= 0; i--)
        {
            yield return Frames[i];
        }

        if (!ReadsStandardInput && !CommandString)
        {
            yield return new CallFrame("main", ScriptSourceName, 0, false);
        }
    }

    private static Variable ArrayOf(string name, IEnumerable<string> values)
    {
        var variable = new Variable(name) { Indexed = [], Attributes = VariableAttributes.Indexed };
        var index = 0;
        foreach (var value in values)
        {
            variable.Indexed[index++] = value;
        }

        return variable;
    }

    /// <summary>The names of variables that begin so, sorted.</summary>
    public IEnumerable<string> VariableNames(string prefix) =>
        Variables.Unordered.Where(static variable => variable.Value is not null || variable.IsArray).Select(static variable => variable.Name).Concat(MadeUp)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Sets a variable as an assignment does.</summary>
    public void SetVariable(string name, string value, bool append = false)
    {
        switch (name)
        {
            case "RANDOM":
                Random = new Random(unchecked((int)Expander.Evaluate(value)));
                return;
            case "SECONDS":
                Started = Process.Clock.GetUtcNow() - TimeSpan.FromSeconds(Math.Clamp(Expander.Evaluate(value), -1_000_000_000, 1_000_000_000));
                return;
            case "BASHPID" or "FUNCNAME" or "PIPESTATUS" or "BASH_SUBSHELL":
                return;
        }

        Variables.Set(name, value, append);
        if (Options.AllExport)
        {
            Variables.GetOrCreate(name).Attributes |= VariableAttributes.Export;
        }
    }

    /// <summary>Removes a variable; false, when it is read-only.</summary>
    public bool UnsetVariable(string name)
    {
        if (Array.IndexOf(MadeUp, name) >= 0)
        {
            _noLongerSpecial.Add(name);
        }

        return Variables.Unset(Variables.Resolve(name));
    }

    private void OnVariableChanged(string name)
    {
        switch (name)
        {
            case "PATH":
                Hashed.Clear();
                break;
            case "OPTIND":
                GetOptionsPosition = 0;
                break;
            case "LINENO" or "SECONDS" or "RANDOM":
                break;
        }
    }

    /// <summary>Sets the variables that a shell starts with.</summary>
    public void Initialize(IEnumerable<KeyValuePair<string, string>> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (Names.IsName(name))
            {
                var variable = Variables.GetOrCreate(name);
                variable.Scalar = value;
                variable.Attributes |= VariableAttributes.Export;
            }
        }

        LastArgument = Variables.FindRaw("_")?.Scalar ?? ProgramName;
        Variables.Unset("_");
        if (Variables.Find("IFS") is { } separators)
        {
            separators.Attributes = VariableAttributes.None;
        }

        Variables.Set("IFS", " \t\n");
        Variables.Set("OPTIND", "1");
        Variables.Set("OPTERR", "1");
        Variables.Set("PS4", Variables.Find("PS4")?.Scalar ?? "+ ");
        if (Variables.Find("PATH") is null)
        {
            Variables.Set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }

        Variables.Set("BASH", "/bin/bash");
        Variables.Set("BASH_VERSION", VersionText);
        Variables.Set("HOSTNAME", Process.Container.HostName);
        Variables.Set("HOSTTYPE", "x86_64");
        Variables.Set("OSTYPE", "linux-gnu");
        Variables.Set("MACHTYPE", "x86_64-pc-linux-gnu");
        SetReadOnly("PPID", Process.ParentId.ToString());
        SetReadOnly("UID", Process.UserId.ToString());
        SetReadOnly("EUID", Process.UserId.ToString());
        var level = int.TryParse(Variables.Find("SHLVL")?.Scalar, out var depth) ? depth + 1 : 1;
        SetExported("SHLVL", Math.Max(0, level).ToString());
        WorkingDirectory = FindWorkingDirectory();
        SetExported("PWD", WorkingDirectory);
        if (Variables.Find("OLDPWD")?.Scalar is not { } old || !IsDirectory(old))
        {
            var variable = Variables.GetOrCreate("OLDPWD");
            variable.Scalar = null;
            variable.Attributes |= VariableAttributes.Export;
        }
    }

    public bool IsDirectory(string path)
    {
        try
        {
            return Process.Stat(path).Kind == FileSystem.FileKind.Directory;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    // The PWD of the environment counts when it is the current directory, perhaps through symbolic links.
    private string FindWorkingDirectory()
    {
        if (Variables.Find("PWD")?.Scalar is { } given && given.StartsWith('/'))
        {
            try
            {
                var here = Process.Stat(".");
                var there = Process.Stat(given);
                if (here.Inode == there.Inode && here.Device == there.Device)
                {
                    return given;
                }
            }
            catch (ErrnoException)
            {
                // It is another one.
            }
        }

        return Process.CurrentDirectory;
    }

    private void SetReadOnly(string name, string value)
    {
        var variable = Variables.GetOrCreate(name);
        variable.Scalar = value;
        variable.Attributes = VariableAttributes.ReadOnly | VariableAttributes.Integer;
    }

    private void SetExported(string name, string value)
    {
        Variables.Set(name, value);
        Variables.GetOrCreate(name).Attributes |= VariableAttributes.Export;
    }

    /// <summary>The home directory of ~, ~user, ~+ and ~-; null when there is none.</summary>
    public async ValueTask<string?> FindHomeAsync(string user)
    {
        switch (user)
        {
            case "" when GetParameter("HOME") is { } home:
                return home;
            case "+":
                return GetParameter("PWD");
            case "-":
                return GetParameter("OLDPWD");
        }

        if (user.Length > 0 && user.TrimStart('+', '-').All(char.IsAsciiDigit) && int.TryParse(user, out var depth))
        {
            var stack = DirectoryStack.Prepend(WorkingDirectory).ToList();
            var index = user[0] == '-' ? stack.Count - 1 + depth : depth;
            return index >= 0 && index < stack.Count ? stack[index] : null;
        }

        try
        {
            var fd = await Process.OpenAsync("/etc/passwd", FileSystem.OpenFlags.Read);
            string text;
            try
            {
                text = await ReadOutputAsync(fd);
            }
            finally
            {
                Process.Close(fd);
            }

            foreach (var line in text.Split('\n'))
            {
                var fields = line.Split(':');
                if (fields.Length > 5 && (user.Length == 0 ? fields[2] == Process.UserId.ToString() : fields[0] == user))
                {
                    return fields[5];
                }
            }
        }
        catch (ErrnoException)
        {
            // No users are known.
        }

        return null;
    }
}
