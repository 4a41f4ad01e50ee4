namespace Warden.Emulator.Programs;

/// <summary>The options of netcat (nc(1), the OpenBSD one as Debian has it).</summary>
internal sealed class NetcatOptions
{
    private const string WithArgument = "IiMmOPpqsTVWwXx";
    private const string WithoutArgument = "46bCDdFhklNnrStUuvZz";

    public const string Usage =
        "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n"
        + "\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n"
        + "\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n"
        + "\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n"
        + "\t  [destination] [port]\n";

    private readonly HashSet<char> _flags = [];
    private readonly Dictionary<char, string> _values = [];

    public List<string> Operands { get; } = [];

    public bool Has(char flag) => _flags.Contains(flag);

    public string? Value(char option) => _values.GetValueOrDefault(option);

    public TimeSpan? Timeout { get; private set; }

    public TimeSpan? Interval { get; private set; }

    /// <summary>Seconds from the end of the input to the end of the program; null for no such end.</summary>
    public TimeSpan? Quit { get; private set; }

    public int? ReceiveLimit { get; private set; }

    /// <summary>Parses; null with what to say when the usage is wrong.</summary>
    public static NetcatOptions? Parse(IReadOnlyList<string> arguments, out string complaint)
    {
        var options = new NetcatOptions();
        for (var i = 1; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                options.Operands.AddRange(arguments.Skip(i + 1));
                break;
            }
            if (argument.Length < 2 || argument[0] != '-')
            {
                options.Operands.Add(argument);
                continue;
            }
            for (var at = 1; at < argument.Length; at++)
            {
                var letter = argument[at];
                if (WithoutArgument.Contains(letter, StringComparison.Ordinal))
                {
                    options._flags.Add(letter);
                    continue;
                }
                if (!WithArgument.Contains(letter, StringComparison.Ordinal))
                {
                    complaint = $"nc: invalid option -- '{letter}'\n{Usage}";
                    return null;
                }
                if (at + 1 == argument.Length && i + 1 == arguments.Count)
                {
                    complaint = $"nc: option requires an argument -- '{letter}'\n{Usage}";
                    return null;
                }
                options._values[letter] = at + 1 < argument.Length ? argument[(at + 1)..] : arguments[++i];
                break;
            }
        }
        return options.Check(out complaint) ? options : null;
    }

    private bool Check(out string complaint)
    {
        complaint = "";
        if (Value('w') is { } timeout)
        {
            if (!int.TryParse(timeout, out var seconds) || seconds < 0)
            {
                complaint = $"nc: timeout {Why(timeout)}: {timeout}\n";
                return false;
            }
            Timeout = TimeSpan.FromSeconds(seconds);
        }
        if (Value('i') is { } interval)
        {
            if (!int.TryParse(interval, out var seconds) || seconds < 0)
            {
                complaint = $"nc: interval {Why(interval)}: {interval}\n";
                return false;
            }
            Interval = TimeSpan.FromSeconds(seconds);
        }
        if (Value('q') is { } quit)
        {
            if (!int.TryParse(quit, out var seconds))
            {
                complaint = $"nc: quit timer {Why(quit)}: {quit}\n";
                return false;
            }
            if (seconds >= 0)
            {
                Quit = TimeSpan.FromSeconds(seconds);
                _flags.Add('N');
            }
        }
        if (Value('W') is { } limit)
        {
            if (!int.TryParse(limit, out var count) || count < 1)
            {
                complaint = $"nc: receive limit {Why(limit)}: {limit}\n";
                return false;
            }
            ReceiveLimit = count;
        }
        complaint = this switch
        {
            _ when Has('l') && Has('z') => "nc: cannot use -z and -l\n",
            _ when Has('k') && !Has('l') => "nc: must use -l with -k\n",
            _ when Has('6') => "nc: Address family for hostname not supported\n",
            _ when Value('x') is not null => "nc: proxies are not supported\n",
            _ when Has('U') => "nc: Unix sockets are not supported\n",
            _ => "",
        };
        return complaint.Length == 0;
    }

    private static string Why(string number) => !long.TryParse(number, out var value) ? "invalid" : value < 0 ? "too small" : "too large";
}
