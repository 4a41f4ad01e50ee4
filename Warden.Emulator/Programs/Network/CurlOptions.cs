using System.Globalization;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The options of curl(1).</summary>
internal sealed class CurlOptions
{
    private const string Hint = "curl: try 'curl --help' or 'curl --manual' for more information\n";
    private const string WithArgument = "odHwmXAeuTxbc";
    private const string WithoutArgument = "sSfOiIvLVgkN4#0jnZ";

    private static readonly Dictionary<string, char> LongNames = new(StringComparer.Ordinal)
    {
        ["silent"] = 's',
        ["show-error"] = 'S',
        ["fail"] = 'f',
        ["remote-name"] = 'O',
        ["include"] = 'i',
        ["head"] = 'I',
        ["verbose"] = 'v',
        ["location"] = 'L',
        ["version"] = 'V',
        ["globoff"] = 'g',
        ["insecure"] = 'k',
        ["no-buffer"] = 'N',
        ["ipv4"] = '4',
        ["output"] = 'o',
        ["data"] = 'd',
        ["data-ascii"] = 'd',
        ["data-binary"] = 'D',
        ["data-raw"] = 'R',
        ["header"] = 'H',
        ["write-out"] = 'w',
        ["max-time"] = 'm',
        ["request"] = 'X',
        ["user-agent"] = 'A',
        ["referer"] = 'e',
        ["user"] = 'u',
        ["connect-timeout"] = 'C',
        ["max-redirs"] = 'M',
        ["url"] = 'U',
        ["progress-bar"] = '#',
        ["http1.0"] = '0',
        ["parallel"] = 'Z',
        ["noproxy"] = 'P',
    };

    private readonly HashSet<char> _flags = [];
    private readonly List<string> _outputs = [];
    private readonly List<string> _headers = [];
    private readonly List<(char Key, string Value)> _data = [];

    public List<string> Urls { get; } = [];

    public string? Method { get; private set; }

    public string? WriteOut { get; private set; }

    public TimeSpan? MaxTime { get; private set; }

    public TimeSpan? ConnectTimeout { get; private set; }

    public int MaxRedirects { get; private set; } = 50;

    /// <summary>The body of a POST: what -d gave, joined by '&amp;'.</summary>
    public byte[]? Data { get; private set; }

    private string UserAgent { get; set; } = "curl/7.88.1";

    private string? Credentials { get; set; }

    private string? Referer { get; set; }

    public bool Has(char flag) => _flags.Contains(flag);

    /// <summary>The file of -o for the URL at this place.</summary>
    public string? OutputFor(int index) => index < _outputs.Count ? _outputs[index] : null;

    /// <summary>Parses; null with what to say when the usage is wrong.</summary>
    public static CurlOptions? Parse(IReadOnlyList<string> arguments, out string complaint)
    {
        var options = new CurlOptions();
        for (var i = 1; i < arguments.Count; i++)
        {
            if (options.Take(arguments, ref i) is { } wrong)
            {
                complaint = wrong + Hint;
                return null;
            }
        }
        complaint = "";
        if (options.Urls.Count == 0 && !options.Has('V'))
        {
            complaint = (arguments.Count > 1 ? "curl: no URL specified!\n" : "") + Hint;
            return null;
        }
        return options;
    }

    /// <summary>Reads the files that -d names after an @; returns the name of one that cannot be read, or null.</summary>
    public async ValueTask<string?> LoadDataAsync(Process process)
    {
        var parts = new List<string>();
        foreach (var (key, value) in _data)
        {
            if (key == 'R' || !value.StartsWith('@'))
            {
                parts.Add(value);
                continue;
            }
            try
            {
                var fd = value == "@-" ? 0 : await process.OpenAsync(value[1..], OpenFlags.Read);
                using var reader = new ByteReader(process, fd);
                var text = await reader.ReadToEndAsync();
                parts.Add(key == 'D' ? text : text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
            }
            catch (ErrnoException)
            {
                return value[1..];
            }
        }
        Data = parts.Count == 0 ? null : ByteText.ToBytes(string.Join('&', parts));
        return null;
    }

    /// <summary>The head of a request.</summary>
    public string Head(HttpUrl url, string method, int? bodyLength)
    {
        var head = new System.Text.StringBuilder($"{method} {url.PathAndQuery} HTTP/{(Has('0') ? "1.0" : "1.1")}\r\n");
        AddDefault("Host", url.Authority);
        if (Credentials is { } credentials)
        {
            AddDefault("Authorization", "Basic " + Convert.ToBase64String(ByteText.ToBytes(credentials)));
        }
        AddDefault("User-Agent", UserAgent);
        AddDefault("Accept", "*/*");
        if (Referer is { } referer)
        {
            AddDefault("Referer", referer);
        }
        foreach (var header in _headers)
        {
            // "Name:" removes a header of curl's own, "Name;" sends one without a value.
            if (header.EndsWith(';'))
            {
                head.Append(header[..^1]).Append(":\r\n");
            }
            else if (header.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && header[(colon + 1)..].Trim().Length > 0)
            {
                head.Append(header).Append("\r\n");
            }
        }
        if (bodyLength is { } length)
        {
            AddDefault("Content-Length", length.ToString(CultureInfo.InvariantCulture));
            AddDefault("Content-Type", "application/x-www-form-urlencoded");
        }
        return head.Append("\r\n").ToString();

        void AddDefault(string name, string value)
        {
            if (!_headers.Exists(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)
                || header.Equals(name + ";", StringComparison.OrdinalIgnoreCase)))
            {
                head.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }
    }

    private string? Take(IReadOnlyList<string> arguments, ref int i)
    {
        var argument = arguments[i];
        if (argument.Length < 2 || argument[0] != '-')
        {
            Urls.Add(argument);
            return null;
        }
        if (argument[1] == '-')
        {
            if (!LongNames.TryGetValue(argument[2..], out var key))
            {
                return $"curl: option {argument}: is unknown\n";
            }
            if (WithoutArgument.Contains(key, StringComparison.Ordinal))
            {
                _flags.Add(key);
                return null;
            }
            return i + 1 < arguments.Count ? Set(key, arguments[++i], argument) : $"curl: option {argument}: requires parameter\n";
        }
        for (var at = 1; at < argument.Length; at++)
        {
            var letter = argument[at];
            if (WithoutArgument.Contains(letter, StringComparison.Ordinal))
            {
                _flags.Add(letter);
                continue;
            }
            if (!WithArgument.Contains(letter, StringComparison.Ordinal))
            {
                return $"curl: option -{letter}: is unknown\n";
            }
            if (at + 1 < argument.Length)
            {
                return Set(letter, argument[(at + 1)..], argument);
            }
            return i + 1 < arguments.Count ? Set(letter, arguments[++i], argument) : $"curl: option {argument}: requires parameter\n";
        }
        return null;
    }

    private string? Set(char key, string value, string option)
    {
        switch (key)
        {
            case 'o': _outputs.Add(value); break;
            case 'd' or 'D' or 'R': _data.Add((key, value)); break;
            case 'H': _headers.Add(value); break;
            case 'w': WriteOut = value; break;
            case 'X': Method = value; break;
            case 'A': UserAgent = value; break;
            case 'e': Referer = value; break;
            case 'u': Credentials = value; break;
            case 'U': Urls.Add(value); break;
            case 'P': break;
            case 'M':
                if (!int.TryParse(value, out var redirects))
                {
                    return $"curl: option {option}: expected a proper numerical parameter\n";
                }
                MaxRedirects = redirects;
                break;
            case 'm' or 'C':
                if (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds > int.MaxValue / 1000)
                {
                    return $"curl: option {option}: expected a proper numerical parameter\n";
                }
                var time = seconds > 0 ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
                (MaxTime, ConnectTimeout) = key == 'm' ? (time, ConnectTimeout) : (MaxTime, time);
                break;
            default:
                return $"curl: option {option}: is not supported\n";
        }
        return null;
    }
}
