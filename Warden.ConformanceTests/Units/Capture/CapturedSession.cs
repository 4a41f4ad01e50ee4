using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Capture;
using Warden.Spec.Client;

namespace Warden.ConformanceTests.Units.Capture;

/// <summary>A capture before a server, and its transcript.</summary>
internal sealed class CapturedSession : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CaptureProxy _proxy;

    private CapturedSession(string server)
    {
        Path = _directory["session.jsonl"];
        SocketPath = _directory["capture.sock"];
        _proxy = CaptureProxy.Start(new CaptureOptions
        {
            Server = WardenEndpoint.Parse(server),
            Listen = WardenEndpoint.Unix(SocketPath),
            TranscriptPath = Path,
        });
    }

    /// <summary>The transcript's path.</summary>
    public string Path { get; }

    /// <summary>Where clients connect.</summary>
    public string SocketPath { get; }

    public static CapturedSession Start(string server) => new(server);

    public Task<WireConnection> ConnectAsync() => WireConnection.ConnectAsync(SocketPath);

    /// <summary>Waits until the transcript has lines that are as wanted.</summary>
    public Task<IReadOnlyList<JsonElement>> UntilAsync(string what, Func<IReadOnlyList<JsonElement>, bool> isThere) =>
        Deadline.UntilAsync(what, () =>
        {
            var lines = Lines();
            return Task.FromResult(isThere(lines) ? lines : null);
        });

    /// <summary>Ends the capture and returns the transcript's lines.</summary>
    public async Task<IReadOnlyList<JsonElement>> EndAsync()
    {
        await _proxy.DisposeAsync().AsTask().WaitAsync(Deadline.Default);
        return Lines();
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _directory.Dispose();
    }

    private IReadOnlyList<JsonElement> Lines()
    {
        using var file = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. file.ReadToEnd().Split('\n').SkipLast(1).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
