using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The actions of find.</summary>
internal static class FindActions
{
    public static async ValueTask<FindNode?> ParseAsync(Invocation c, FindExpression expression, string word, Func<string> argument, Action acts)
    {
        if (word != "-prune" && word != "-quit")
        {
            acts();
        }
        switch (word)
        {
            case "-print":
                return Do((i, f) => i.WriteLine(f.Path));
            case "-print0":
                return Do((i, f) => i.Write(f.Path + "\0"));
            case "-printf":
                var format = argument();
                var users = await UserDatabase.LoadAsync(c);
                return Do((i, f) => i.Write(Format(i, users, f, format)));
            case "-ls":
                var names = await UserDatabase.LoadAsync(c);
                return Do((i, f) => i.WriteLine(Line(i, names, f)));
            case "-prune":
                return Do((_, f) => f.Pruned = true);
            case "-quit":
                return Do((_, _) => expression.Quits = true);
            case "-delete":
                expression.DepthFirst = true;
                return new FindNode((i, f) => ValueTask.FromResult(Delete(i, f)));
            case "-exec" or "-execdir" or "-ok" or "-okdir":
                return Execute(c, expression, word, argument);
            default:
                return null;
        }
    }

    private static FindNode Do(Action<Invocation, FoundFile> action) => new((i, f) =>
    {
        action(i, f);
        return ValueTask.FromResult(true);
    });

    private static bool Delete(Invocation c, FoundFile f)
    {
        if (f.Path == ".")
        {
            return true;
        }
        try
        {
            if (f.Status.Kind == FileKind.Directory)
            {
                c.Process.RemoveDirectory(f.Path);
            }
            else
            {
                c.Process.Unlink(f.Path);
            }
            return true;
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot delete {Quote.Always(f.Path)}: {failure.Message}");
            return false;
        }
    }

    private static FindNode Execute(Invocation c, FindExpression expression, string word, Func<string> argument)
    {
        var command = new List<string>();
        while (true)
        {
            var next = argument();
            if (next == ";")
            {
                break;
            }
            if (next == "+" && command.Count > 0 && command[^1] == "{}")
            {
                command.RemoveAt(command.Count - 1);
                var batch = new FindBatch(command);
                expression.Batches.Add(batch);
                return new FindNode(async (i, f) =>
                {
                    await batch.AddAsync(i, f.Path);
                    return true;
                });
            }
            command.Add(next);
        }
        if (command.Count == 0)
        {
            throw c.Die($"invalid argument `;' to `{word}'");
        }
        var inDirectory = word is "-execdir" or "-okdir";
        return new FindNode(async (i, f) =>
        {
            var name = inDirectory ? "./" + f.Name : f.Path;
            var words = command.ConvertAll(w => w.Replace("{}", name, StringComparison.Ordinal));
            if (word.StartsWith("-ok", StringComparison.Ordinal) && !await ConfirmAsync(i, words, f))
            {
                return false;
            }
            try
            {
                var status = await Execution.RunAsync(i, words, inDirectory ? p => p.ChangeDirectory(FilePath.DirectoryName(f.Path)) : null);
                return status.ShellStatus == 0;
            }
            catch (ErrnoException failure)
            {
                i.Warn($"{Quote.Always(words[0])}: {failure.Message}");
                await i.FlushMessagesAsync();
                return false;
            }
        });
    }

    private static async ValueTask<bool> ConfirmAsync(Invocation c, List<string> words, FoundFile f)
    {
        await c.FlushAsync();
        c.WarnRaw($"< {words[0]} ... {f.Path} > ? ");
        await c.FlushMessagesAsync();
        using var answers = new ByteReader(c.Process, 0, 1);
        return await answers.ReadLineAsync() is { Length: > 0 } answer && answer[0] is 'y' or 'Y';
    }

    private static string Line(Invocation c, UserDatabase users, FoundFile f)
    {
        var s = f.Status;
        var age = c.Process.Clock.GetUtcNow() - s.Modified;
        var time = DateFormat.Format(s.Modified.ToUniversalTime(), age < TimeSpan.FromDays(182) && age > TimeSpan.FromHours(-1) ? "%b %e %H:%M" : "%b %e  %Y");
        var target = s.Kind == FileKind.SymbolicLink ? " -> " + c.Process.ReadLink(f.Path) : "";
        return $"{s.Inode,9} {(s.Blocks + 1) / 2,6} {FileModes.Text(s)} {s.Links,3} {users.UserName(s.UserId),-8} {users.GroupName(s.GroupId),-8} {s.Size,8} {time} {f.Path}{target}";
    }

    private static string Format(Invocation c, UserDatabase users, FoundFile f, string format)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            if (format[at] == '\\')
            {
                at++;
                if (!Escapes.Append(text, format, ref at, echo: false))
                {
                    break;
                }
                continue;
            }
            if (format[at] != '%' || at + 1 >= format.Length)
            {
                text.Append(format[at++]);
                continue;
            }
            var start = at++;
            var minus = false;
            var zero = false;
            for (; at < format.Length && "-+ #0".Contains(format[at], StringComparison.Ordinal); at++)
            {
                minus |= format[at] == '-';
                zero |= format[at] == '0';
            }
            var width = 0;
            for (; at < format.Length && char.IsAsciiDigit(format[at]); at++)
            {
                width = (width * 10) + (format[at] - '0');
            }
            var precision = -1;
            if (at < format.Length && format[at] == '.')
            {
                precision = 0;
                for (at++; at < format.Length && char.IsAsciiDigit(format[at]); at++)
                {
                    precision = (precision * 10) + (format[at] - '0');
                }
            }
            if (at >= format.Length)
            {
                text.Append(format, start, format.Length - start);
                break;
            }
            var letter = format[at++];
            string? value;
            if (letter is 'A' or 'C' or 'T' && at < format.Length)
            {
                var time = letter switch { 'A' => f.Status.Accessed, 'C' => f.Status.Changed, _ => f.Status.Modified };
                value = Time(time.ToUniversalTime(), format[at++]);
            }
            else
            {
                value = Field(c, users, f, letter);
            }
            if (value is null)
            {
                c.Warn($"warning: unrecognized format directive `%{letter}'");
                text.Append(format, start, at - start);
                continue;
            }
            value = precision >= 0 && value.Length > precision ? value[..precision] : value;
            text.Append(minus ? value.PadRight(width) : value.PadLeft(width, zero ? '0' : ' '));
        }
        return text.ToString();
    }

    private static string Time(DateTimeOffset time, char letter) => letter switch
    {
        '@' => DateFormat.Format(time, "%s.%N") + "0",
        '+' => DateFormat.Format(time, "%F+%T.%N") + "0",
        'S' => DateFormat.Format(time, "%S.%N") + "0",
        'T' => DateFormat.Format(time, "%T.%N") + "0",
        _ => DateFormat.Format(time, "%" + letter),
    };

    private static string? Field(Invocation c, UserDatabase users, FoundFile f, char letter)
    {
        var s = f.Status;
        var type = FileModes.Letter(s.Kind) is '-' ? "f" : FileModes.Letter(s.Kind).ToString();
        return letter switch
        {
            '%' => "%",
            'p' => f.Path,
            'f' => f.Name,
            'h' => f.Path.LastIndexOf('/') is var slash && slash < 0 ? "." : f.Path[..slash],
            'H' => f.Root,
            'P' => f.Path.Length > f.Root.Length ? f.Path[f.Root.Length..].TrimStart('/') : "",
            'd' => f.Depth.ToString(),
            'y' => type,
            'Y' => s.Kind != FileKind.SymbolicLink ? type
                : FilePath.TryStat(c.Process, f.Path) is { } behind ? (FileModes.Letter(behind.Kind) is '-' ? "f" : FileModes.Letter(behind.Kind).ToString()) : "N",
            'm' => FileModes.Octal(s.Mode),
            'M' => FileModes.Text(s),
            'l' => s.Kind == FileKind.SymbolicLink ? c.Process.ReadLink(f.Path) : "",
            'u' => users.UserName(s.UserId),
            'U' => s.UserId.ToString(),
            'g' => users.GroupName(s.GroupId),
            'G' => s.GroupId.ToString(),
            'n' => s.Links.ToString(),
            's' => s.Size.ToString(),
            'b' => s.Blocks.ToString(),
            'k' => ((s.Blocks + 1) / 2).ToString(),
            'i' => s.Inode.ToString(),
            'D' => s.Device.ToString(),
            'F' => c.Process.StatFileSystem(f.Path).TypeName,
            'S' => s.Size == 0 ? "1" : new PrintfSpec(false, false, false, false, false, 0, 6, 'g').Real(s.Blocks * 512.0 / s.Size),
            't' => DateFormat.Format(s.Modified.ToUniversalTime(), "%a %b %e %T.%N") + "0 " + DateFormat.Format(s.Modified.ToUniversalTime(), "%Y"),
            'a' => DateFormat.Format(s.Accessed.ToUniversalTime(), "%a %b %e %T.%N") + "0 " + DateFormat.Format(s.Accessed.ToUniversalTime(), "%Y"),
            'c' => DateFormat.Format(s.Changed.ToUniversalTime(), "%a %b %e %T.%N") + "0 " + DateFormat.Format(s.Changed.ToUniversalTime(), "%Y"),
            _ => null,
        };
    }
}
