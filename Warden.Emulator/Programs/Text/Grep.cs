using System.Text.RegularExpressions;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Programs;

/// <summary>grep, egrep and fgrep.</summary>
internal sealed class Grep(string name) : GnuProgram(name)
{
    protected override int FailureStatus => 2;

    protected override string Version => "grep (GNU grep) 3.8";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.Select(a => a.Length > 1 && a[0] == '-' && a.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 ? "-C" + a[1..] : a).ToList();
        var o = OptionSet.Parse(
            c, arguments, "A:B:C:D:EFGHILPTUVZabcd:e:f:hilm:noqRrsuvwxyz",
            ["after-context= A", "before-context= B", "context= C", "extended-regexp E", "fixed-strings F", "basic-regexp G", "perl-regexp P", "with-filename H",
                "files-without-match L", "null Z", "text a", "byte-offset b", "count c", "regexp= e", "file= f", "no-filename h", "ignore-case i", "no-ignore-case",
                "files-with-matches l", "max-count= m", "line-number n", "only-matching o", "quiet q", "silent q", "recursive r", "dereference-recursive R",
                "no-messages s", "invert-match v", "word-regexp w", "line-regexp x", "null-data z", "include=", "exclude=", "exclude-dir=", "color?", "colour? color",
                "line-buffered", "initial-tab T", "binary-files=", "label=", "directories= d"]);
        var patterns = await PatternsAsync(c, o);
        if (patterns is null)
        {
            if (o.Operands.Count == 0)
            {
                c.WarnRaw($"Usage: {c.Name} [OPTION]... PATTERNS [FILE]...\nTry '{c.Name} --help' for more information.\n");
                return 2;
            }
            patterns = [.. o.Operands[0].Split('\n')];
            o.Operands.RemoveAt(0);
        }
        var recursive = o.LastOf("r", "R") is not null || o.Last("d") == "recurse";
        var files = o.Operands.Count > 0 ? o.Operands : recursive ? ["."] : ["-"];
        var search = new GrepSearch(c, o, Compile(c, o, patterns))
        {
            ShowNames = o.LastOf("H", "h") is { } key ? key == "H" : files.Count > 1 || (recursive && (o.Operands.Count == 0 || FilePath.IsDirectory(c.Process, files[0]))),
        };
        foreach (var file in files)
        {
            await WalkAsync(c, o, search, file, recursive, implicitRoot: o.Operands.Count == 0, operand: true);
            if (search.Done)
            {
                break;
            }
        }
        return search.Found && (c.Status == 0 || o.Has("q")) ? 0 : c.Status != 0 ? 2 : 1;
    }

    private static async ValueTask<List<string>?> PatternsAsync(Invocation c, OptionSet o)
    {
        if (o.LastOf("e", "f") is null)
        {
            return null;
        }
        var patterns = new List<string>();
        foreach (var (key, value) in o.All)
        {
            if (key == "e")
            {
                patterns.AddRange(value.Split('\n'));
            }
            else if (key == "f")
            {
                try
                {
                    var text = await c.ReadAllAsync(value);
                    if (text.Length > 0)
                    {
                        patterns.AddRange((text.EndsWith('\n') ? text[..^1] : text).Split('\n'));
                    }
                }
                catch (ErrnoException failure)
                {
                    throw c.Die($"{value}: {failure.Message}");
                }
            }
        }
        return patterns;
    }

    private List<Regex> Compile(Invocation c, OptionSet o, List<string> patterns)
    {
        var syntax = o.LastOf("E", "F", "G", "P") ?? (Name == "egrep" ? "E" : Name == "fgrep" ? "F" : "G");
        var ignoreCase = o.LastOf("i", "y", "no-ignore-case") is "i" or "y";
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : 0);
        var compiled = new List<Regex>();
        foreach (var pattern in patterns)
        {
            try
            {
                compiled.Add(syntax switch
                {
                    "F" => new Regex(Regex.Escape(pattern), options),
                    "P" => new Regex(pattern, options),
                    _ => PosixRegex.Compile(pattern, syntax == "E", ignoreCase),
                });
            }
            catch (PosixRegexException failure)
            {
                throw c.Die(failure.Message);
            }
            catch (ArgumentException)
            {
                throw c.Die("invalid regular expression");
            }
        }
        return compiled;
    }

    private static async ValueTask WalkAsync(Invocation c, OptionSet o, GrepSearch search, string path, bool recursive, bool implicitRoot, bool operand)
    {
        if (recursive && path != "-" && FilePath.TryLinkStat(c.Process, path) is { } status)
        {
            var follow = operand || o.Has("R");
            if (status.Kind == FileKind.SymbolicLink && (!follow || (FilePath.TryStat(c.Process, path) is not { } behind ? !operand : (status = behind) is null)))
            {
                return;
            }
            if (status.Kind == FileKind.Directory)
            {
                if (!operand && o.All.Any(x => x.Key == "exclude-dir" && Glob.Matches(x.Value, FilePath.BaseName(path))))
                {
                    return;
                }
                try
                {
                    foreach (var entry in c.Process.ReadDirectory(path))
                    {
                        await WalkAsync(c, o, search, implicitRoot ? entry.Name : FilePath.Join(path, entry.Name), recursive, implicitRoot: false, operand: false);
                        if (search.Done)
                        {
                            return;
                        }
                    }
                }
                catch (ErrnoException failure)
                {
                    search.Complain(path, failure);
                }
                return;
            }
            if (!operand && status.Kind != FileKind.Regular)
            {
                return;
            }
        }
        var name = FilePath.BaseName(path);
        var included = o.All.Where(x => x.Key == "include").ToList();
        if (path != "-" && ((included.Count > 0 && !included.Exists(x => Glob.Matches(x.Value, name))) || o.All.Any(x => x.Key == "exclude" && Glob.Matches(x.Value, name))))
        {
            return;
        }
        await search.SearchAsync(path);
    }
}
