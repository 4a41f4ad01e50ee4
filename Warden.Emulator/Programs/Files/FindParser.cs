using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

/// <summary>Parses the expression of find: terms with !, -a, -o, the comma and parentheses.</summary>
internal sealed class FindParser(Invocation c, List<string> words, char follow)
{
    private readonly FindExpression _expression = new();
    private int _at;
    private bool _acts;

    public async ValueTask<FindExpression> ParseAsync()
    {
        if (words.Count > 0)
        {
            _expression.Root = await ListAsync();
            if (_at < words.Count)
            {
                throw c.Die(words[_at] == ")" ? "invalid expression; you have too many ')'" : $"paths must precede expression: `{words[_at]}'");
            }
        }
        if (!_acts)
        {
            var condition = _expression.Root;
            _expression.Root = new FindNode(async (i, f) =>
            {
                if (await condition.TestAsync(i, f))
                {
                    i.WriteLine(f.Path);
                }
                return true;
            });
        }
        return _expression;
    }

    private async ValueTask<FindNode> ListAsync()
    {
        var left = await OrAsync();
        while (Peek() == ",")
        {
            _at++;
            var (a, b) = (left, await OrAsync());
            left = new FindNode(async (i, f) =>
            {
                await a.TestAsync(i, f);
                return await b.TestAsync(i, f);
            });
        }
        return left;
    }

    private async ValueTask<FindNode> OrAsync()
    {
        var left = await AndAsync();
        while (Peek() is "-o" or "-or")
        {
            _at++;
            var (a, b) = (left, await AndAsync());
            left = new FindNode(async (i, f) => await a.TestAsync(i, f) || await b.TestAsync(i, f));
        }
        return left;
    }

    private async ValueTask<FindNode> AndAsync()
    {
        var left = await TermAsync();
        while (Peek() is { } word && word is not ("-o" or "-or" or ")" or ","))
        {
            if (word is "-a" or "-and")
            {
                _at++;
            }
            var (a, b) = (left, await TermAsync());
            left = new FindNode(async (i, f) => await a.TestAsync(i, f) && await b.TestAsync(i, f));
        }
        return left;
    }

    private async ValueTask<FindNode> TermAsync()
    {
        switch (Peek())
        {
            case null:
                throw c.Die("expected an expression after '" + words[^1] + "'");
            case "!" or "-not":
                _at++;
                var inner = await TermAsync();
                return new FindNode(async (i, f) => !await inner.TestAsync(i, f));
            case "(":
                _at++;
                if (Peek() == ")")
                {
                    throw c.Die("invalid expression; empty parentheses are not allowed.");
                }
                var group = await ListAsync();
                if (Peek() != ")")
                {
                    throw c.Die("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
                }
                _at++;
                return group;
            default:
                return await PrimaryAsync(words[_at++]);
        }
    }

    private string? Peek() => _at < words.Count ? words[_at] : null;

    private string Argument(string of) => _at < words.Count ? words[_at++] : throw c.Die($"missing argument to `{of}'");

    private static FindNode When(Func<FoundFile, bool> test) => new((_, f) => ValueTask.FromResult(test(f)));

    private async ValueTask<FindNode> PrimaryAsync(string word)
    {
        switch (word)
        {
            case "-name" or "-iname":
                var pattern = Argument(word);
                return When(f => Glob.Matches(pattern, f.Name, word == "-iname"));
            case "-path" or "-wholename" or "-ipath" or "-iwholename":
                var path = Argument(word);
                return When(f => Glob.Matches(path, f.Path, word[1] == 'i'));
            case "-lname" or "-ilname":
                var link = Argument(word);
                return When(f => f.Status.Kind == FileKind.SymbolicLink && Glob.Matches(link, c.Process.ReadLink(f.Path), word[1] == 'i'));
            case "-regex" or "-iregex":
                var regex = PosixRegex.Compile($@"^\({Argument(word)}\)$", extended: false, word == "-iregex");
                return When(f => regex.IsMatch(f.Path));
            case "-regextype":
                Argument(word);
                return When(_ => true);
            case "-type" or "-xtype":
                return Type(word, Argument(word));
            case "-maxdepth":
                _expression.MaxDepth = Depth(word);
                return When(_ => true);
            case "-mindepth":
                _expression.MinDepth = Depth(word);
                return When(_ => true);
            case "-depth" or "-d":
                _expression.DepthFirst = true;
                return When(_ => true);
            case "-xdev" or "-mount" or "-noleaf" or "-daystart" or "-warn" or "-nowarn" or "-ignore_readdir_race" or "-follow" or "-true":
                return When(_ => true);
            case "-false":
                return When(_ => false);
            case "-empty":
                return When(f => f.Status.Kind == FileKind.Directory ? IsEmpty(f.Path) : f.Status.Kind == FileKind.Regular && f.Status.Size == 0);
            case "-size":
                return Size(Argument(word));
            case "-perm":
                return Permissions(Argument(word));
            case "-links":
                return Number(word, f => f.Status.Links);
            case "-inum":
                return Number(word, f => f.Status.Inode);
            case "-uid":
                return Number(word, f => f.Status.UserId);
            case "-gid":
                return Number(word, f => f.Status.GroupId);
            case "-mtime" or "-atime" or "-ctime" or "-mmin" or "-amin" or "-cmin":
                return Age(word);
            case "-newer" or "-anewer" or "-cnewer":
                var reference = Reference(Argument(word));
                return When(f => (word[1] switch { 'a' => f.Status.Accessed, 'c' => f.Status.Changed, _ => f.Status.Modified }) > reference);
            case "-newermt":
                var text = Argument(word);
                var time = DateParser.Parse(text, c.Process.Clock.GetUtcNow()) ?? throw c.Die($"I cannot figure out how to interpret {Quote.Always(text)} as a date or time");
                return When(f => f.Status.Modified > time);
            case "-samefile":
                var same = Status(Argument(word));
                return When(f => FilePath.SameFile(f.Status, same));
            case "-user":
                var users = await UserDatabase.LoadAsync(c);
                var user = Argument(word);
                var userId = users.UserId(user) ?? throw c.Die($"{Quote.Always(user)} is not the name of a known user");
                return When(f => f.Status.UserId == userId);
            case "-group":
                var groups = await UserDatabase.LoadAsync(c);
                var group = Argument(word);
                var groupId = groups.GroupId(group) ?? throw c.Die($"{Quote.Always(group)} is not the name of an existing group");
                return When(f => f.Status.GroupId == groupId);
            case "-nouser":
                var known = await UserDatabase.LoadAsync(c);
                return When(f => known.FindUser(f.Status.UserId) is null);
            case "-nogroup":
                var knownGroups = await UserDatabase.LoadAsync(c);
                return When(f => knownGroups.FindGroup(f.Status.GroupId) is null);
            case "-readable":
                return When(f => c.Process.CanAccess(f.Path, read: true));
            case "-writable":
                return When(f => c.Process.CanAccess(f.Path, write: true));
            case "-executable":
                return When(f => c.Process.CanAccess(f.Path, execute: true));
            default:
                return await FindActions.ParseAsync(c, _expression, word, () => Argument(word), () => _acts = true)
                    ?? throw c.Die(word.StartsWith('-') ? $"unknown predicate `{word}'" : $"paths must precede expression: `{word}'");
        }
    }

    private FindNode Type(string word, string letters)
    {
        foreach (var letter in letters.Split(','))
        {
            if (letter.Length != 1 || !"fdlbcpsD".Contains(letter[0], StringComparison.Ordinal))
            {
                throw c.Die($"Unknown argument to {word}: {letter}");
            }
        }
        return When(f =>
        {
            var status = word == "-xtype" ? FilePath.TryStat(c.Process, f.Path) ?? f.Status : f.Status;
            var letter = FileModes.Letter(status.Kind);
            return letters.Contains(letter == '-' ? 'f' : letter, StringComparison.Ordinal);
        });
    }

    private int Depth(string word)
    {
        var text = Argument(word);
        return int.TryParse(text, out var depth) && depth >= 0
            ? depth
            : throw c.Die($"Expected a positive decimal integer argument to {word}, but got {Quote.Always(text)}");
    }

    private bool IsEmpty(string path)
    {
        try
        {
            return c.Process.ReadDirectory(path).Count == 0;
        }
        catch (ErrnoException failure)
        {
            c.Fail($"{Quote.Always(path)}: {failure.Message}");
            return false;
        }
    }

    private static Func<long, bool> Comparison(char sign, long number) => sign switch
    {
        '+' => x => x > number,
        '-' => x => x < number,
        _ => x => x == number,
    };

    private FindNode Size(string text)
    {
        var sign = text.Length > 0 ? text[0] : '\0';
        var body = text.TrimStart('+', '-');
        var unit = body.Length > 0 && !char.IsAsciiDigit(body[^1]) ? body[^1] : 'b';
        var bytes = unit switch { 'b' => 512L, 'c' => 1, 'w' => 2, 'k' => 1 << 10, 'M' => 1 << 20, 'G' => 1 << 30, _ => 0 };
        if (bytes == 0 || !long.TryParse(body.TrimEnd('b', 'c', 'w', 'k', 'M', 'G'), out var number))
        {
            throw c.Die($"Invalid argument `{text}' to -size");
        }
        var compare = Comparison(sign, number);
        return When(f => compare((f.Status.Size + bytes - 1) / bytes));
    }

    private FindNode Permissions(string text)
    {
        var kind = text.Length > 0 && text[0] is '-' or '/' ? text[0] : '\0';
        var change = FileModes.Parse(kind == '\0' ? text : text[1..]) ?? throw c.Die($"invalid mode {Quote.Always(text)}");
        var mode = change(0, false, 0);
        return When(f => kind switch { '-' => (f.Status.Mode & mode) == mode, '/' => mode == 0 || (f.Status.Mode & mode) != 0, _ => f.Status.Mode == mode });
    }

    private FindNode Number(string word, Func<FoundFile, long> value)
    {
        var text = Argument(word);
        if (!long.TryParse(text.TrimStart('+', '-'), out var number))
        {
            throw c.Die($"non-numeric argument to {word}: {Quote.Always(text)}");
        }
        var compare = Comparison(text[0], number);
        return When(f => compare(value(f)));
    }

    private FindNode Age(string word)
    {
        var unit = word.EndsWith("min", StringComparison.Ordinal) ? TimeSpan.FromMinutes(1) : TimeSpan.FromDays(1);
        var now = c.Process.Clock.GetUtcNow();
        var text = Argument(word);
        if (!double.TryParse(text.TrimStart('+', '-'), out var number))
        {
            throw c.Die($"invalid argument `{text}' to `{word}'");
        }
        return When(f =>
        {
            var age = (now - (word[1] switch { 'a' => f.Status.Accessed, 'c' => f.Status.Changed, _ => f.Status.Modified })) / unit;
            return text[0] switch { '+' => age >= number + 1, '-' => age < number, _ => age >= number && age < number + 1 };
        });
    }

    private FileStatus Status(string path)
    {
        try
        {
            return follow == 'P' ? c.Process.LinkStat(path) : c.Process.Stat(path);
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"{Quote.Always(path)}: {failure.Message}");
        }
    }

    private DateTimeOffset Reference(string path) => Status(path).Modified;
}
