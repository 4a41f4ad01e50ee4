using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Programs;

/// <summary>Permissions: as ls prints them, and as chmod takes them.</summary>
internal static class FileModes
{
    /// <summary>The letter of a kind in ls -l.</summary>
    public static char Letter(FileKind kind) => kind switch
    {
        FileKind.Directory => 'd',
        FileKind.SymbolicLink => 'l',
        FileKind.CharacterDevice => 'c',
        FileKind.BlockDevice => 'b',
        FileKind.Fifo => 'p',
        FileKind.Socket => 's',
        _ => '-',
    };

    /// <summary>As "drwxr-xr-x".</summary>
    public static string Text(FileStatus status)
    {
        Span<char> text = stackalloc char[10];
        text[0] = Letter(status.Kind);
        for (var i = 0; i < 9; i++)
        {
            text[1 + i] = (status.Mode & (1 << (8 - i))) != 0 ? "rwx"[i % 3] : '-';
        }
        Special(text, 3, status.Mode & 0x800, 's');
        Special(text, 6, status.Mode & 0x400, 's');
        Special(text, 9, status.Mode & 0x200, 't');
        return new string(text);
    }

    /// <summary>The file type's bits in st_mode.</summary>
    public static int TypeBits(FileKind kind) => kind switch
    {
        FileKind.Directory => 0x4000,
        FileKind.SymbolicLink => 0xA000,
        FileKind.CharacterDevice => 0x2000,
        FileKind.BlockDevice => 0x6000,
        FileKind.Fifo => 0x1000,
        FileKind.Socket => 0xC000,
        _ => 0x8000,
    };

    /// <summary>The kind in words, as stat and rm say it.</summary>
    public static string Describe(FileStatus status) => status.Kind switch
    {
        FileKind.Directory => "directory",
        FileKind.SymbolicLink => "symbolic link",
        FileKind.CharacterDevice => "character special file",
        FileKind.BlockDevice => "block special file",
        FileKind.Fifo => "fifo",
        FileKind.Socket => "socket",
        _ => status.Size == 0 ? "regular empty file" : "regular file",
    };

    public static string Octal(int mode) => Convert.ToString(mode, 8);

    /// <summary>
    /// Parses an octal or symbolic mode. The result changes a mode, given it, whether the file is a directory, and the umask; null when
    /// the text is no mode.
    /// </summary>
    public static Func<int, bool, int, int>? Parse(string text)
    {
        if (text.Length > 0 && text.All(c => c is >= '0' and <= '7'))
        {
            if (text.Length > 6 || Convert.ToInt32(text, 8) is var octal && octal > 0xFFF)
            {
                return null;
            }
            octal = Convert.ToInt32(text, 8);
            // Set-id bits of a directory are kept unless five digits spell them out.
            return (old, directory, _) => directory && text.Length < 5 ? octal | (old & 0xC00) : octal;
        }
        var changes = new List<Func<int, bool, int, int>>();
        foreach (var clause in text.Split(','))
        {
            if (!ParseClause(clause, changes))
            {
                return null;
            }
        }
        return (old, directory, umask) => changes.Aggregate(old, (mode, change) => change(mode, directory, umask));
    }

    private static bool ParseClause(string clause, List<Func<int, bool, int, int>> changes)
    {
        var at = 0;
        var who = 0;
        while (at < clause.Length && "ugoa".Contains(clause[at], StringComparison.Ordinal))
        {
            who |= clause[at++] switch { 'u' => 0x9C0, 'g' => 0x438, 'o' => 0x207, _ => 0xFFF };
        }
        if (at == clause.Length)
        {
            return false;
        }
        while (at < clause.Length)
        {
            var operation = clause[at++];
            if (operation is not ('+' or '-' or '='))
            {
                return false;
            }
            var letters = "";
            while (at < clause.Length && clause[at] is not ('+' or '-' or '='))
            {
                letters += clause[at++];
            }
            if (letters.Length > 0 && letters.All(c => c is >= '0' and <= '7'))
            {
                var bits = Convert.ToInt32(letters, 8);
                changes.Add((old, _, _) => operation switch { '+' => old | bits, '-' => old & ~bits, _ => bits });
                continue;
            }
            if (letters.Any(c => !"rwxXstugo".Contains(c, StringComparison.Ordinal)))
            {
                return false;
            }
            changes.Add((old, directory, umask) => Apply(old, directory, umask, who, operation, letters));
        }
        return true;
    }

    private static int Apply(int old, bool directory, int umask, int who, char operation, string letters)
    {
        var bits = 0;
        foreach (var letter in letters)
        {
            bits |= letter switch
            {
                'r' => 0x124,
                'w' => 0x92,
                'x' => 0x49,
                'X' => directory || (old & 0x49) != 0 ? 0x49 : 0,
                's' => 0xC00,
                't' => 0x200,
                'u' => ((old >> 6) & 7) * 0x49,
                'g' => ((old >> 3) & 7) * 0x49,
                _ => (old & 7) * 0x49,
            };
        }
        var mask = who == 0 ? 0xFFF & ~umask : who;
        bits &= mask;
        return operation switch
        {
            '+' => old | bits,
            '-' => old & ~bits,
            _ => (old & ~(who == 0 ? 0xFFF : who) & (directory ? ~0 : 0xFFF)) | bits | (directory ? old & 0xC00 : 0),
        };
    }

    private static void Special(Span<char> text, int at, int set, char letter)
    {
        if (set != 0)
        {
            text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
        }
    }
}
