namespace Warden.Emulator.Shell.Builtins;

/// <summary>All builtins.</summary>
internal static class BuiltinTable
{
    private static readonly Dictionary<string, Builtin> ByName = new Builtin[]
    {
        new StatusBuiltin(":", 0), new StatusBuiltin("true", 0), new StatusBuiltin("false", 1),
        new SourceBuiltin("."), new SourceBuiltin("source"), new AliasBuiltin(), new UnaliasBuiltin(),
        new JobsBuiltin(), new ForegroundBuiltin("fg"), new ForegroundBuiltin("bg"), new DisownBuiltin(), new WaitBuiltin(), new KillBuiltin(),
        new LoopBuiltin("break"), new LoopBuiltin("continue"), new ChangeDirectoryBuiltin(), new PrintDirectoryBuiltin(),
        new CommandBuiltin(), new BuiltinBuiltin(), new CompgenBuiltin(), new CompleteBuiltin(),
        new DeclareBuiltin("declare"), new DeclareBuiltin("typeset"), new DeclareBuiltin("local"), new ExportBuiltin("export"),
        new ExportBuiltin("readonly"), new UnsetBuiltin(), new DirectoryStackBuiltin("dirs"), new DirectoryStackBuiltin("pushd"),
        new DirectoryStackBuiltin("popd"), new EchoBuiltin(), new PrintfBuiltin(), new EnableBuiltin(), new EvalBuiltin(), new ExecBuiltin(),
        new ExitBuiltin("exit"), new ExitBuiltin("logout"), new ReturnBuiltin(), new GetOptionsBuiltin(), new HashBuiltin(), new HelpBuiltin(),
        new LetBuiltin(), new MapFileBuiltin("mapfile"), new MapFileBuiltin("readarray"), new ReadBuiltin(), new SetBuiltin(), new ShiftBuiltin(),
        new ShoptBuiltin(), new TestBuiltin("test"), new TestBuiltin("["), new TimesBuiltin(), new TrapBuiltin(), new TypeBuiltin(),
        new LimitBuiltin(), new UmaskBuiltin(), new CallerBuiltin(), new HistoryBuiltin(), new SuspendBuiltin(),
    }.ToDictionary(static builtin => builtin.Name, StringComparer.Ordinal);

    public static IEnumerable<Builtin> All => ByName.Values.OrderBy(static builtin => builtin.Name, StringComparer.Ordinal);

    public static Builtin? Find(string name) => ByName.GetValueOrDefault(name);
}
