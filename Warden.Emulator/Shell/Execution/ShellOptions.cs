namespace Warden.Emulator.Shell.Execution;

/// <summary>The options of set and shopt.</summary>
internal sealed class ShellOptions
{
    /// <summary>The options of set -o with their letters.</summary>
    public static readonly IReadOnlyList<(string Name, char Letter)> SetTable =
    [
        ("allexport", 'a'), ("braceexpand", 'B'), ("emacs", '\0'), ("errexit", 'e'), ("errtrace", 'E'), ("functrace", 'T'), ("hashall", 'h'),
        ("histexpand", 'H'), ("history", '\0'), ("ignoreeof", '\0'), ("interactive-comments", '\0'), ("keyword", 'k'), ("monitor", 'm'),
        ("noclobber", 'C'), ("noexec", 'n'), ("noglob", 'f'), ("nolog", '\0'), ("notify", 'b'), ("nounset", 'u'), ("onecmd", 't'),
        ("physical", 'P'), ("pipefail", '\0'), ("posix", '\0'), ("privileged", 'p'), ("verbose", 'v'), ("vi", '\0'), ("xtrace", 'x'),
    ];

    /// <summary>The options of shopt; those that are on at the start are marked.</summary>
    public static readonly IReadOnlyList<(string Name, bool On)> ShoptTable =
    [
        ("autocd", false), ("assoc_expand_once", false), ("cdable_vars", false), ("cdspell", false), ("checkhash", false), ("checkjobs", false),
        ("checkwinsize", true), ("cmdhist", true), ("compat31", false), ("compat32", false), ("compat40", false), ("compat41", false),
        ("compat42", false), ("compat43", false), ("compat44", false), ("complete_fullquote", true), ("direxpand", false), ("dirspell", false),
        ("dotglob", false), ("execfail", false), ("expand_aliases", false), ("extdebug", false), ("extglob", false), ("extquote", true),
        ("failglob", false), ("force_fignore", true), ("globasciiranges", true), ("globskipdots", true), ("globstar", false),
        ("gnu_errfmt", false), ("histappend", false), ("histreedit", false), ("histverify", false), ("hostcomplete", true), ("huponexit", false),
        ("inherit_errexit", false), ("interactive_comments", true), ("lastpipe", false), ("lithist", false), ("localvar_inherit", false),
        ("localvar_unset", false), ("login_shell", false), ("mailwarn", false), ("no_empty_cmd_completion", false), ("nocaseglob", false),
        ("nocasematch", false), ("noexpand_translation", false), ("nullglob", false), ("patsub_replacement", true), ("progcomp", true),
        ("progcomp_alias", false), ("promptvars", true), ("restricted_shell", false), ("shift_verbose", false), ("sourcepath", true),
        ("varredir_close", false), ("xpg_echo", false),
    ];

    // Every shell starts with a copy of these.
    private static readonly HashSet<string> FirstSet = ["braceexpand", "hashall", "interactive-comments"];
    private static readonly HashSet<string> FirstShopt = [.. ShoptTable.Where(static row => row.On).Select(static row => row.Name)];

    private readonly HashSet<string> _set;
    private readonly HashSet<string> _shopt;

    public ShellOptions()
        : this(new(FirstSet), new(FirstShopt))
    {
    }

    private ShellOptions(HashSet<string> set, HashSet<string> shopt)
    {
        _set = set;
        _shopt = shopt;
        Refresh();
    }

    public bool ErrorExit { get; private set; }

    public bool NoUnset { get; private set; }

    public bool NoGlob { get; private set; }

    public bool NoExec { get; private set; }

    public bool NoClobber { get; private set; }

    public bool Trace { get; private set; }

    public bool Verbose { get; private set; }

    public bool PipeFail { get; private set; }

    public bool AllExport { get; private set; }

    public bool BraceExpansion { get; private set; }

    public bool Monitor { get; private set; }

    public bool Physical { get; private set; }

    public bool ErrorTrace { get; private set; }

    public bool FunctionTrace { get; private set; }

    public bool Posix { get; private set; }

    public bool ExtendedPatterns { get; private set; }

    public bool NullGlob { get; private set; }

    public bool FailGlob { get; private set; }

    public bool DotGlob { get; private set; }

    public bool NoCaseGlob { get; private set; }

    public bool NoCaseMatch { get; private set; }

    public bool GlobStar { get; private set; }

    public bool PatternReplacement { get; private set; }

    public bool ExpandAliases { get; private set; }

    public bool LastPipe { get; private set; }

    public bool InheritErrorExit { get; private set; }

    /// <summary>The letters of $- for options that are on.</summary>
    public string Letters => string.Concat(
        SetTable.Where(row => row.Letter != '\0' && _set.Contains(row.Name)).Select(static row => row.Letter)
            .OrderBy(static letter => "abefhkmnptuvxBCEHPT".IndexOf(letter)));

    public bool this[string name] => _set.Contains(name);

    public bool IsShopt(string name) => _shopt.Contains(name);

    /// <summary>Switches an option of set -o; false when there is none of that name.</summary>
    public bool TrySet(string name, bool on)
    {
        if (!SetTable.Any(row => row.Name == name))
        {
            return false;
        }

        Switch(_set, name, on);
        if (name is "emacs" or "vi" && on)
        {
            Switch(_set, name == "vi" ? "emacs" : "vi", false);
        }

        Refresh();
        return true;
    }

    /// <summary>Switches an option of shopt; false when there is none of that name.</summary>
    public bool TryShopt(string name, bool on)
    {
        if (!ShoptTable.Any(row => row.Name == name))
        {
            return false;
        }

        Switch(_shopt, name, on);
        Refresh();
        return true;
    }

    public ShellOptions Clone() => new(new(_set), new(_shopt));

    private static void Switch(HashSet<string> set, string name, bool on)
    {
        if (on)
        {
            set.Add(name);
        }
        else
        {
            set.Remove(name);
        }
    }

    private void Refresh()
    {
        ErrorExit = _set.Contains("errexit");
        NoUnset = _set.Contains("nounset");
        NoGlob = _set.Contains("noglob");
        NoExec = _set.Contains("noexec");
        NoClobber = _set.Contains("noclobber");
        Trace = _set.Contains("xtrace");
        Verbose = _set.Contains("verbose");
        PipeFail = _set.Contains("pipefail");
        AllExport = _set.Contains("allexport");
        BraceExpansion = _set.Contains("braceexpand");
        Monitor = _set.Contains("monitor");
        Physical = _set.Contains("physical");
        ErrorTrace = _set.Contains("errtrace");
        FunctionTrace = _set.Contains("functrace");
        Posix = _set.Contains("posix");
        ExtendedPatterns = _shopt.Contains("extglob");
        NullGlob = _shopt.Contains("nullglob");
        FailGlob = _shopt.Contains("failglob");
        DotGlob = _shopt.Contains("dotglob");
        NoCaseGlob = _shopt.Contains("nocaseglob");
        NoCaseMatch = _shopt.Contains("nocasematch");
        GlobStar = _shopt.Contains("globstar");
        PatternReplacement = _shopt.Contains("patsub_replacement");
        ExpandAliases = _shopt.Contains("expand_aliases");
        LastPipe = _shopt.Contains("lastpipe");
        InheritErrorExit = _shopt.Contains("inherit_errexit");
    }
}
