namespace Warden.Emulator.Programs;

/// <summary>
/// getopt_long(3). Short options: "ab:c::" with ':' for an argument and '::' for an optional one; a leading '+' stops at the first operand.
/// Long options: "name", "name=" (argument) or "name?" (optional argument), each optionally followed by a blank and the key that it
/// stands for, such as "lines= n". --help and --version are always there.
/// </summary>
internal sealed class OptionSet
{
    private readonly List<(string Key, string Value)> _options = [];

    /// <summary>The options in order: a short letter or the long option's key, and the argument ("" when there is none).</summary>
    public IReadOnlyList<(string Key, string Value)> All => _options;

    public List<string> Operands { get; } = [];

    public bool Has(string key) => _options.Exists(o => o.Key == key);

    /// <summary>The argument of the last one of this key, or null.</summary>
    public string? Last(string key)
    {
        var at = _options.FindLastIndex(o => o.Key == key);
        return at < 0 ? null : _options[at].Value;
    }

    /// <summary>Of these keys the one that comes last, or null.</summary>
    public string? LastOf(params ReadOnlySpan<string> keys)
    {
        for (var i = _options.Count - 1; i >= 0; i--)
        {
            if (keys.Contains(_options[i].Key))
            {
                return _options[i].Key;
            }
        }
        return null;
    }

    public static OptionSet Parse(Invocation c, IReadOnlyList<string> arguments, string shortOptions, string[] longOptions)
    {
        var set = new OptionSet();
        var inOrder = shortOptions.StartsWith('+');
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                set.Operands.AddRange(arguments.Skip(i + 1));
                break;
            }
            if (argument.Length < 2 || argument[0] != '-')
            {
                if (inOrder)
                {
                    set.Operands.AddRange(arguments.Skip(i));
                    break;
                }
                set.Operands.Add(argument);
                continue;
            }
            if (argument[1] == '-')
            {
                set.ParseLong(c, arguments, ref i, longOptions);
            }
            else
            {
                set.ParseShort(c, arguments, ref i, shortOptions);
            }
        }
        return set;
    }

    private void ParseShort(Invocation c, IReadOnlyList<string> arguments, ref int i, string specification)
    {
        var argument = arguments[i];
        for (var at = 1; at < argument.Length; at++)
        {
            var letter = argument[at];
            var found = letter is ':' or '+' ? -1 : specification.IndexOf(letter, StringComparison.Ordinal);
            if (found < 0)
            {
                throw c.Usage($"invalid option -- '{letter}'");
            }
            var key = letter.ToString();
            if (found + 1 >= specification.Length || specification[found + 1] != ':')
            {
                _options.Add((key, ""));
                continue;
            }
            var optional = found + 2 < specification.Length && specification[found + 2] == ':';
            if (at + 1 < argument.Length)
            {
                _options.Add((key, argument[(at + 1)..]));
            }
            else if (optional)
            {
                _options.Add((key, ""));
            }
            else if (i + 1 < arguments.Count)
            {
                _options.Add((key, arguments[++i]));
            }
            else
            {
                throw c.Usage($"option requires an argument -- '{letter}'");
            }
            return;
        }
    }

    private void ParseLong(Invocation c, IReadOnlyList<string> arguments, ref int i, string[] specifications)
    {
        var argument = arguments[i];
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        var value = equals < 0 ? null : argument[(equals + 1)..];
        var candidates = new List<LongOption>();
        foreach (var one in specifications.Append("help").Append("version").Select(LongOption.From))
        {
            if (one.Name == name)
            {
                candidates = [one];
                break;
            }
            if (one.Name.StartsWith(name, StringComparison.Ordinal))
            {
                candidates.Add(one);
            }
        }
        if (candidates.Count == 0)
        {
            throw c.Usage($"unrecognized option '--{name}'");
        }
        if (candidates.Exists(o => o.Key != candidates[0].Key))
        {
            throw c.Usage($"option '{argument}' is ambiguous; possibilities:{string.Concat(candidates.Select(o => $" '--{o.Name}'"))}");
        }
        var option = candidates[0];
        if (option.Argument == '\0' && value is not null)
        {
            throw c.Usage($"option '--{option.Name}' doesn't allow an argument");
        }
        if (option.Argument == '=' && value is null)
        {
            value = i + 1 < arguments.Count ? arguments[++i] : throw c.Usage($"option '--{option.Name}' requires an argument");
        }
        switch (option.Key)
        {
            case "help":
                throw c.Help();
            case "version":
                throw c.ShowVersion();
            default:
                _options.Add((option.Key, value ?? ""));
                break;
        }
    }

    private readonly record struct LongOption(string Name, char Argument, string Key)
    {
        public static LongOption From(string specification)
        {
            var blank = specification.IndexOf(' ', StringComparison.Ordinal);
            var name = blank < 0 ? specification : specification[..blank];
            var argument = name[^1] is '=' or '?' ? name[^1] : '\0';
            name = name.TrimEnd('=', '?');
            return new LongOption(name, argument, blank < 0 ? name : specification[(blank + 1)..]);
        }
    }
}
