using System.Globalization;
using System.Net;
using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>curl(1) for http. Exit statuses as in its manual: 6 no such host, 7 no connection, 22 an HTTP error with -f, 28 a timeout.</summary>
internal sealed class Curl : EmulatedProgram
{
    private const string Meter =
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
        + "                                 Dload  Upload   Total   Spent    Left  Speed\n";

    public override IReadOnlyList<string> Paths { get; } = ["/usr/bin/curl"];

    public override async ValueTask<int> RunAsync(Process process)
    {
        if (CurlOptions.Parse(process.Arguments, out var complaint) is not { } options)
        {
            await process.WriteAsync(2, complaint);
            return 2;
        }
        if (options.Has('V'))
        {
            await process.WriteAsync(1, "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1\nProtocols: http\n");
            return 0;
        }
        if (await options.LoadDataAsync(process) is { } unreadable)
        {
            await process.WriteAsync(2, $"curl: Failed to open {unreadable}\ncurl: option -d: error encountered when reading a file\n");
            return 26;
        }
        var status = 0;
        for (var i = 0; i < options.Urls.Count; i++)
        {
            status = await new Transfer(process, options, options.Urls[i], i).RunAsync();
        }
        return status;
    }

    private sealed class Transfer(Process process, CurlOptions options, string address, int index)
    {
        private readonly long _start = process.Clock.GetTimestamp();
        private HttpExchange? _exchange;
        private HttpUrl? _url;
        private string _method = "";
        private long _downloaded;
        private int _redirects;
        private int _status;
        private int _output = -1;

        private bool Silent => options.Has('s');

        private long Elapsed => (long)process.Clock.GetElapsedTime(_start).TotalMilliseconds;

        public async ValueTask<int> RunAsync()
        {
            int code;
            using var late = new CancellationTokenSource(options.MaxTime ?? System.Threading.Timeout.InfiniteTimeSpan, process.Clock);
            try
            {
                code = await FetchAsync(late.Token);
            }
            catch (TimeoutException)
            {
                code = await FailAsync(28, $"Operation timed out after {Elapsed} milliseconds with {_downloaded} bytes received");
            }
            catch (EndOfStreamException)
            {
                var rest = _exchange?.Length - _downloaded;
                code = await FailAsync(18, $"transfer closed with {(rest is null ? "outstanding read data" : $"{rest} bytes")} remaining{(rest is null ? "" : " to read")}");
            }
            catch (InvalidDataException)
            {
                code = await FailAsync(1, "Received HTTP/0.9 when not allowed");
            }
            catch (ErrnoException failure) when (failure.Errno is Errno.ECONNRESET or Errno.EPIPE)
            {
                code = await FailAsync(56, "Recv failure: Connection reset by peer");
            }
            finally
            {
                if (_output > 2)
                {
                    process.Close(_output);
                }
            }
            if (options.WriteOut is { } format)
            {
                await process.WriteAsync(1, await FormatAsync(format, code));
            }
            _exchange?.Dispose();
            return code;
        }

        private async ValueTask<int> FetchAsync(CancellationToken late)
        {
            var scheme = HttpUrl.SchemeOf(address);
            if (scheme != "http")
            {
                return await FailAsync(1, $"Protocol \"{scheme}\" not supported or disabled in libcurl");
            }
            _url = HttpUrl.Parse(address);
            if (_url is null)
            {
                return await FailAsync(3, "URL using bad/illegal format or missing URL");
            }
            if (!Silent && (options.OutputFor(index) is not null || options.Has('O')))
            {
                await process.WriteAsync(2, Meter);
            }
            _method = options.Method ?? (options.Has('I') ? "HEAD" : options.Data is null ? "GET" : "POST");
            var data = options.Data;
            while (true)
            {
                if (await RequestAsync(data, late) is { } failed and not 0)
                {
                    return failed;
                }
                if (!options.Has('L') || _status is not (301 or 302 or 303 or 307 or 308) || _exchange!.Header("Location") is not { } location)
                {
                    return await ReceiveAsync();
                }
                if (options.Has('i') || options.Has('I'))
                {
                    await WriteHeadAsync();
                }
                if (_redirects == options.MaxRedirects)
                {
                    return await FailAsync(47, $"Maximum ({options.MaxRedirects}) redirects followed");
                }
                _redirects++;
                if (_status is 301 or 302 or 303 && _method != "HEAD" && options.Method is null)
                {
                    (_method, data) = ("GET", null);
                }
                _url = _url.Follow(location);
                if (_url is null || _url.Scheme != "http")
                {
                    return await FailAsync(1, $"Protocol \"{_url?.Scheme}\" not supported or disabled in libcurl");
                }
                _exchange.Dispose();
                _exchange = null;
            }
        }

        private async ValueTask<int> RequestAsync(byte[]? data, CancellationToken late)
        {
            if (process.Container.Network.Resolve(process, _url!.Host) is not { } resolved)
            {
                return await FailAsync(6, $"Could not resolve host: {_url.Host}");
            }
            var limit = options.ConnectTimeout ?? options.MaxTime;
            if (options.MaxTime is { } most && limit > most - process.Clock.GetElapsedTime(_start))
            {
                limit = most - process.Clock.GetElapsedTime(_start);
                if (limit <= TimeSpan.Zero)
                {
                    throw new TimeoutException();
                }
            }
            await NoteAsync($"  Trying {resolved}:{_url.Port}...");
            try
            {
                _exchange = await HttpExchange.ConnectAsync(process, new IPEndPoint(resolved, _url.Port), limit, late);
            }
            catch (ErrnoException failure)
            {
                return failure.Errno == Errno.ETIMEDOUT && limit is not null
                    ? await FailAsync(28, $"Failed to connect to {_url.Host} port {_url.Port} after {Elapsed} ms: Timeout was reached")
                    : await FailAsync(7, $"Failed to connect to {_url.Host} port {_url.Port} after {Elapsed} ms: Couldn't connect to server");
            }
            await NoteAsync($"Connected to {_url.Host} ({resolved}) port {_url.Port} (#{_redirects})");
            var head = options.Head(_url, _method, data?.Length);
            if (options.Has('v'))
            {
                await process.WriteAsync(2, string.Concat(head.Split("\r\n")[..^1].Select(line => $"> {line}\n")));
            }
            if (!await _exchange.SendAsync(head, data ?? [], _method == "HEAD"))
            {
                return await FailAsync(52, "Empty reply from server");
            }
            _status = _exchange.Status;
            if (options.Has('v'))
            {
                var answer = $"< {_exchange.StatusLine}\n" + string.Concat(_exchange.Headers.Select(header => $"< {header.Key}: {header.Value}\n")) + "< \n";
                await process.WriteAsync(2, answer);
            }
            return 0;
        }

        private async ValueTask<int> ReceiveAsync()
        {
            if (options.Has('f') && _status >= 400)
            {
                return await FailAsync(22, $"The requested URL returned error: {_status}");
            }
            if (options.Has('O') && options.OutputFor(index) is null && _url!.FileName.Length == 0)
            {
                return await FailAsync(23, "Failed writing received data to disk/application");
            }
            try
            {
                if (options.Has('i') || options.Has('I'))
                {
                    await WriteHeadAsync();
                }
                while (await _exchange!.ReadBodyAsync() is { IsEmpty: false } piece)
                {
                    _downloaded += piece.Length;
                    await process.WriteAsync(await OutputAsync(), piece);
                }
                await OutputAsync();
                return 0;
            }
            catch (ErrnoException failure) when (failure.Errno != Errno.ECONNRESET)
            {
                return await FailAsync(23, "Failure writing output to destination");
            }
        }

        private async ValueTask WriteHeadAsync()
        {
            var text = _exchange!.StatusLine + "\r\n" + string.Concat(_exchange.Headers.Select(header => $"{header.Key}: {header.Value}\r\n")) + "\r\n";
            await process.WriteAsync(await OutputAsync(), text);
        }

        private async ValueTask<int> OutputAsync()
        {
            var path = options.OutputFor(index) ?? (options.Has('O') ? _url!.FileName.Split('?')[0] : null);
            if (_output < 0)
            {
                _output = path is null or "-" ? 1 : await process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
            }
            return _output;
        }

        private async ValueTask NoteAsync(string text)
        {
            if (options.Has('v'))
            {
                await process.WriteAsync(2, $"* {text}\n");
            }
        }

        private async ValueTask<int> FailAsync(int code, string message)
        {
            if (!Silent || options.Has('S'))
            {
                await process.WriteAsync(2, $"curl: ({code}) {message}\n");
            }
            return code;
        }

        private async ValueTask<string> FormatAsync(string format, int code)
        {
            var text = new StringBuilder();
            for (var i = 0; i < format.Length; i++)
            {
                if (format[i] == '\\' && i + 1 < format.Length)
                {
                    text.Append(format[++i] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", var other => "\\" + other });
                }
                else if (format[i] == '%' && i + 1 < format.Length && format[i + 1] == '%')
                {
                    text.Append(format[++i]);
                }
                else if (format[i] == '%' && i + 1 < format.Length && format[i + 1] == '{' && format.IndexOf('}', i) is > 0 and var end)
                {
                    var name = format[(i + 2)..end];
                    if (Variable(name, code) is { } value)
                    {
                        text.Append(value);
                    }
                    else
                    {
                        await process.WriteAsync(2, $"curl: unknown --write-out variable: '{name}'\n");
                    }
                    i = end;
                }
                else
                {
                    text.Append(format[i]);
                }
            }
            return text.ToString();
        }

        private string? Variable(string name, int code) => name switch
        {
            "http_code" or "response_code" => _status.ToString("000", CultureInfo.InvariantCulture),
            "size_download" => _downloaded.ToString(CultureInfo.InvariantCulture),
            "size_upload" => (options.Data?.Length ?? 0).ToString(CultureInfo.InvariantCulture),
            "url" => address,
            "url_effective" => _url?.Text ?? address,
            "content_type" => _exchange?.Header("Content-Type") ?? "",
            "redirect_url" => _exchange?.Header("Location") is { } location ? _url?.Follow(location)?.Text ?? "" : "",
            "num_redirects" => _redirects.ToString(CultureInfo.InvariantCulture),
            "num_connects" => (_exchange is null ? _redirects : _redirects + 1).ToString(CultureInfo.InvariantCulture),
            "exitcode" => code.ToString(CultureInfo.InvariantCulture),
            "remote_ip" => _exchange?.Remote.Address.ToString() ?? "",
            "remote_port" => (_exchange?.Remote.Port ?? 0).ToString(CultureInfo.InvariantCulture),
            "local_ip" => _exchange?.Local.Address.ToString() ?? "",
            "local_port" => (_exchange?.Local.Port ?? 0).ToString(CultureInfo.InvariantCulture),
            "method" => _method,
            "scheme" => "HTTP",
            "http_version" => _exchange?.StatusLine is ['H', 'T', 'T', 'P', '/', var major, '.', var minor, ..] ? $"{major}.{minor}" : "0",
            "time_total" or "time_connect" or "time_starttransfer" or "time_namelookup" or "time_pretransfer" =>
                process.Clock.GetElapsedTime(_start).TotalSeconds.ToString("F6", CultureInfo.InvariantCulture),
            "speed_download" => ((long)(_downloaded / Math.Max(1e-6, process.Clock.GetElapsedTime(_start).TotalSeconds))).ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
    }
}
