using System.Globalization;
using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>wget(1) for http. Exit statuses as in its manual: 4 a network failure, 8 an error of the server.</summary>
internal sealed class Wget() : GnuProgram("wget")
{
    private const int NetworkFailure = 4;
    private const int ServerFailure = 8;
    private const int MostRedirects = 20;

    protected override string Version => "GNU Wget 1.21.3 built on linux-gnu.";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options(
            "qO:T:t:nvSP:cNU:46d", "quiet q", "output-document= O", "timeout= T", "tries= t", "no-verbose V", "server-response S", "spider s",
            "directory-prefix= P", "user-agent= U", "header= h", "post-data= p", "no-check-certificate k", "continue c", "verbose v",
            "connect-timeout= C", "read-timeout= R");
        if (options.Operands.Count == 0)
        {
            c.WarnRaw("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
            return 1;
        }
        var status = 0;
        int? document = null;
        if (options.Last("O") is { } path)
        {
            try
            {
                document = path == "-" ? 1 : await c.Process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
            }
            catch (ErrnoException failure)
            {
                c.WarnRaw($"{path}: {failure.Message}\n");
                return 1;
            }
        }
        foreach (var address in options.Operands)
        {
            var result = await new Retrieval(c, options, document).RunAsync(address);
            status = status == 0 ? result : result == 0 ? status : Math.Min(status, result);
        }
        return status;
    }

    private sealed class Retrieval(Invocation c, OptionSet options, int? document)
    {
        // -nv is the letter n with an argument of its own; as two letters it means the same here.
        private readonly bool _brief = options.Has("n") || options.Has("V");
        private readonly bool _quiet = options.Has("q");

        private string Stamp => c.Process.Clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

        public async ValueTask<int> RunAsync(string address)
        {
            var scheme = HttpUrl.SchemeOf(address);
            if (scheme != "http")
            {
                c.WarnRaw($"{address}: Unsupported scheme {Quoted(scheme)}.\n");
                return 1;
            }
            if (HttpUrl.Parse(address) is not { } url)
            {
                c.WarnRaw($"{address}: {(address.EndsWith("//", StringComparison.Ordinal) ? "Invalid host name" : "Bad port number")}.\n");
                return 1;
            }
            if (Number("t", 20) is not { } tries || Number("T", 900) is not { } seconds)
            {
                return 2;
            }
            for (var (redirects, attempt) = (0, 1); ;)
            {
                var (status, next) = await FetchAsync(url, attempt, tries, TimeSpan.FromSeconds(seconds));
                if (next is not null)
                {
                    url = next;
                    if (++redirects > MostRedirects)
                    {
                        Say($"{MostRedirects} redirections exceeded.\n");
                        return ServerFailure;
                    }
                    continue;
                }
                if (status is { } final)
                {
                    return final;
                }
                await c.FlushAsync();
                // It waits a second longer after each try, ten at most.
                await c.Process.SleepAsync(TimeSpan.FromSeconds(Math.Min(attempt, 10)));
                attempt++;
            }
        }

        private async ValueTask<(int? Status, HttpUrl? Next)> FetchAsync(HttpUrl url, int attempt, int tries, TimeSpan timeout)
        {
            var process = c.Process;
            Say(attempt == 1 ? $"--{Stamp}--  {url.Text}\n" : $"--{Stamp}--  (try:{attempt,2})  {url.Text}\n");
            var isAddress = Emulator.Network.NetworkStack.TryParseAddress(url.Host, out _);
            if (!isAddress)
            {
                Say($"Resolving {url.Host} ({url.Host})... ");
            }
            if (process.Container.Network.Resolve(process, url.Host) is not { } resolved)
            {
                Say("failed: Temporary failure in name resolution.\n");
                Complain($"wget: unable to resolve host address {Quoted(url.Host)}\n");
                return (NetworkFailure, null);
            }
            if (!isAddress)
            {
                Say($"{resolved}\n");
            }
            Say($"Connecting to {url.Host}{(isAddress ? "" : $" ({url.Host})|{resolved}|")}:{url.Port}... ");
            using var late = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : System.Threading.Timeout.InfiniteTimeSpan, process.Clock);
            try
            {
                using var exchange = await HttpExchange.ConnectAsync(
                    process, new IPEndPoint(resolved, url.Port), timeout > TimeSpan.Zero ? timeout : null, late.Token);
                Say("connected.\nHTTP request sent, awaiting response... ");
                var body = options.Last("p") is { } post ? ByteText.ToBytes(post) : null;
                var spider = options.Has("s");
                if (!await exchange.SendAsync(Head(url, spider, body), body ?? [], spider))
                {
                    Say("No data received.\n");
                    return GiveUpOrRetry(attempt, tries);
                }
                if (options.Has("S"))
                {
                    Say($"\n  {exchange.StatusLine}\n" + string.Concat(exchange.Headers.Select(header => $"  {header.Key}: {header.Value}\n")));
                }
                else
                {
                    Say($"{exchange.Status} {exchange.Reason}\n");
                }
                return await AnswerAsync(exchange, url, spider);
            }
            catch (TimeoutException)
            {
                Say("Read error (Connection timed out) in headers.\n");
                return GiveUpOrRetry(attempt, tries);
            }
            catch (EndOfStreamException)
            {
                Say("Connection closed.\n");
                return GiveUpOrRetry(attempt, tries);
            }
            catch (InvalidDataException)
            {
                Say("200 No headers, assuming HTTP/0.9\n");
                return (ServerFailure, null);
            }
            catch (ErrnoException failure)
            {
                Say($"failed: {failure.Message}.\n");
                // What will not change by itself is not tried again.
                return failure.Errno is Errno.ECONNREFUSED or Errno.ENETUNREACH or Errno.EHOSTUNREACH
                    ? (NetworkFailure, null) : GiveUpOrRetry(attempt, tries);
            }
        }

        private async ValueTask<(int? Status, HttpUrl? Next)> AnswerAsync(HttpExchange exchange, HttpUrl url, bool spider)
        {
            if (exchange.Status is 301 or 302 or 303 or 307 or 308 && exchange.Header("Location") is { } location)
            {
                Say($"Location: {location} [following]\n");
                return url.Follow(location) is { Scheme: "http" } next ? (null, next) : (1, null);
            }
            if (exchange.Status >= 400)
            {
                Complain($"{Stamp} ERROR {exchange.Status}: {exchange.Reason}.\n");
                Say("\n");
                return (ServerFailure, null);
            }
            var type = exchange.Header("Content-Type") is { } media ? $" [{media.Split(';')[0]}]" : "";
            Say($"Length: {exchange.Length?.ToString(CultureInfo.InvariantCulture) ?? "unspecified"}{type}\n");
            if (spider)
            {
                Say("Remote file exists.\n\n");
                return (0, null);
            }
            return (await SaveAsync(exchange, url), null);
        }

        private async ValueTask<int> SaveAsync(HttpExchange exchange, HttpUrl url)
        {
            var process = c.Process;
            var name = options.Last("O") ?? FreeName(url);
            Say($"Saving to: {Quoted(name == "-" ? "STDOUT" : name)}\n");
            await c.FlushAsync();
            var started = process.Clock.GetTimestamp();
            long size = 0;
            int fd;
            try
            {
                fd = document ?? await process.OpenAsync(name, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
            }
            catch (ErrnoException failure)
            {
                c.WarnRaw($"{name}: {failure.Message}\n\nCannot write to {Quoted(name)} ({failure.Message}).\n");
                return 3;
            }
            while (await exchange.ReadBodyAsync() is { IsEmpty: false } piece)
            {
                try
                {
                    await process.WriteAsync(fd, piece);
                }
                catch (ErrnoException failure)
                {
                    c.WarnRaw($"\nCannot write to {Quoted(name)} ({failure.Message}).\n");
                    return 3;
                }
                size += piece.Length;
            }
            if (document is null)
            {
                process.Close(fd);
            }
            var rate = Rate(size / Math.Max(1e-6, process.Clock.GetElapsedTime(started).TotalSeconds));
            var done = name == "-" ? "written to stdout" : $"{Quoted(name)} saved";
            var whole = exchange.Length is { } length ? $"[{size}/{length}]" : $"[{size}]";
            Say($"\n{Stamp} ({rate}) - {done} {whole}\n\n");
            if (_brief && !_quiet)
            {
                c.WarnRaw($"{Stamp} URL:{url.Text} {whole} -> \"{name}\" [1]\n");
            }
            return 0;
        }

        private string Head(HttpUrl url, bool spider, byte[]? body)
        {
            var method = spider ? "HEAD" : body is null ? "GET" : "POST";
            var head = $"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nUser-Agent: {options.Last("U") ?? "Wget/1.21.3"}\r\n"
                + "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n";
            if (body is not null)
            {
                head += $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n";
            }
            return head + string.Concat(options.All.Where(option => option.Key == "h").Select(option => option.Value + "\r\n")) + "\r\n";
        }

        private string FreeName(HttpUrl url)
        {
            var name = url.FileName.Length == 0 ? "index.html" : url.FileName;
            if (options.Last("P") is { } directory)
            {
                if (!c.Process.CanAccess(directory))
                {
                    c.Process.MakeDirectory(directory);
                }
                name = $"{directory.TrimEnd('/')}/{name}";
            }
            var free = name;
            for (var i = 1; c.Process.CanAccess(free); i++)
            {
                free = $"{name}.{i}";
            }
            return free;
        }

        private (int? Status, HttpUrl? Next) GiveUpOrRetry(int attempt, int tries)
        {
            if (tries != 0 && attempt >= tries)
            {
                Say("Giving up.\n\n");
                return (NetworkFailure, null);
            }
            Say("Retrying.\n\n");
            return (null, null);
        }

        private int? Number(string key, int fallback)
        {
            if (options.Last(key) is not { } text)
            {
                return fallback;
            }
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value < int.MaxValue / 1000)
            {
                return (int)Math.Ceiling(value);
            }
            var name = key == "t" ? "--tries" : "--timeout";
            c.WarnRaw(key == "t" ? $"wget: {name}: Invalid number {Quoted(text)}.\n" : $"wget: {name}: Invalid time period {Quoted(text)}\n");
            return null;
        }

        // wget quotes in the locale's way, which is UTF-8 here.
        private static string Quoted(string text) => ByteText.FromHost("\u2018") + text + ByteText.FromHost("\u2019");

        private static string Rate(double bytes) => bytes switch
        {
            >= 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024 / 1024:0.##} MB/s"),
            >= 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.#} KB/s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B/s"),
        };

        private void Say(string text)
        {
            if (!_quiet && !_brief)
            {
                c.WarnRaw(text);
            }
        }

        private void Complain(string text)
        {
            if (!_quiet)
            {
                c.WarnRaw(text);
            }
        }
    }
}
