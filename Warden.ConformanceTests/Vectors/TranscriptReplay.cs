using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Replays one transcript against a server and compares the answers by the rule of the vectors' README.</summary>
public sealed class TranscriptReplay(WardenServer server, TemporaryDirectory host, bool isAlone) : IAsyncDisposable
{
    /// <summary>Seconds: a longer sleep is one that a signal ends.</summary>
    private const double LongSleep = 10;

    private readonly Dictionary<string, WireConnection> _connections = [];
    private readonly List<string> _waiting = [];
    private readonly TranscriptComparison _comparison = new(host.Path, isAlone);
    private readonly List<JsonElement> _sleeping = [];
    private double _slowness = 1;
    private double? _graceTime;
    private (Stopwatch Watch, double Seconds)? _within;

    /// <summary>The handles that the transcript's containers got.</summary>
    public List<string> Handles { get; } = [];

    /// <summary>
    /// Whether a step came too late to show what was recorded: after the grace time within which a client came back, or after the end of the job that
    /// was linked. A replay that has lost the pace and differs says nothing of the server.
    /// </summary>
    public bool HasLostPace { get; private set; }

    public async Task RunAsync(Transcript transcript)
    {
        // Jobs do at a slow machine's pace what they are given time for; grace times go by the clock.
        _graceTime = transcript.Steps.Select(GraceTimeOf).FirstOrDefault(seconds => seconds is not null);
        _slowness = _graceTime is null ? Deadline.Slowness : 1;
        for (var index = 0; index < transcript.Steps.Count; index++)
        {
            _comparison.Step = $"{transcript.Scenario}, step {index + 1}: {transcript.Steps[index]}";
            await StepAsync(transcript.Steps[index]);
            if (transcript.Steps[index].TryGetProperty("wait", out _) && index + 1 < transcript.Steps.Count)
            {
                await AwaitTheEndAsync(transcript.Steps[index + 1]);
                if (_graceTime is null)
                {
                    // Another client would keep what a grace time is to end.
                    await AwaitSleepersAsync();
                    await AwaitStateAsync(transcript.Steps[index + 1]);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task StepAsync(JsonElement step)
    {
        if (step.TryGetProperty("request", out var request))
        {
            var connection = await OnAsync(step);
            if (!isAlone && request.GetString() == "List")
            {
                return;
            }

            var watch = Stopwatch.StartNew();
            await SendAsync(connection, request.GetString()!, step);
            try
            {
                await AnswerAsync(connection, request.GetString()!, step);
            }
            finally
            {
                NotePace();
            }

            _within = SleepOf(step) is < LongSleep and var seconds ? (watch, seconds) : null;
        }
        else if (step.TryGetProperty("sent", out var sent))
        {
            var connection = await OnAsync(step);
            if (!_waiting.Contains(step.GetProperty("on").GetString()!))
            {
                // Answered last of all before the request: the server is at it then.
                await PingAsync(connection);
            }

            await SendAsync(connection, sent.GetString()!, step);
            _waiting.Add(step.GetProperty("on").GetString()!);
            await TakeTurnsAsync(TimeSpan.Zero);
            NotePace(isOver: false);
        }
        else if (step.TryGetProperty("then", out var then))
        {
            await AnswerAsync(await OnAsync(step), then.GetString()!, step);
            _waiting.Remove(step.GetProperty("on").GetString()!);
        }
        else if (step.TryGetProperty("close", out var close))
        {
            Assert.True(_connections.Remove(close.GetString()!, out var connection));
            _within = _graceTime is { } seconds ? (Stopwatch.StartNew(), seconds) : null;
            await connection.DisposeAsync();
        }
        else if (step.TryGetProperty("wait", out var wait))
        {
            await TakeTurnsAsync(TimeSpan.FromSeconds(wait.GetDouble()) * _slowness);
        }
        else if (step.TryGetProperty("host files before", out var before))
        {
            HostFiles.Make(before, host.Path);
        }
        else if (step.TryGetProperty("host files after", out var after))
        {
            HostFiles.Expect(after, host.Path);
        }
        else
        {
            Assert.Fail($"unknown step: {step}");
        }
    }

    /// <summary>
    /// What a transcript shows depends on its pace, and on the server's turns meanwhile: where the machine stands still for a second, that
    /// second is none in which a job could run. Pings that are answered tell that the server has had its turns.
    /// </summary>
    private async Task TakeTurnsAsync(TimeSpan wait)
    {
        const int Turns = 20;
        var idle = _connections.Where(connection => !_waiting.Contains(connection.Key)).Select(connection => connection.Value).FirstOrDefault();
        for (var turn = 0; turn < Turns; turn++)
        {
            await Task.Delay(wait / Turns);
            if (idle is not null)
            {
                await PingAsync(idle);
            }
        }
    }

    private static async Task PingAsync(WireConnection connection)
    {
        await connection.SendBytesAsync(WireFrame.Message(WireSchema.Types["Ping"], new WireMessage("PingRequest")));
        Assert.Equal("Ping", (await connection.ReadAsync()).Command);
    }

    private void NotePace(bool isOver = true)
    {
        HasLostPace |= _within is { } within && within.Watch.Elapsed.TotalSeconds >= within.Seconds;
        _within = isOver ? null : _within;
    }

    private static double? GraceTimeOf(JsonElement step) =>
        step.TryGetProperty("fields", out var fields) && fields.TryGetProperty("grace_time", out var seconds) ? seconds.GetDouble() : null;

    /// <summary>How long the script of a step sleeps, at first where it has several.</summary>
    private static double? SleepOf(JsonElement step) =>
        step.TryGetProperty("fields", out var fields) && fields.TryGetProperty("script", out var script)
        && Regex.Match(script.GetString()!, @"(?:^|; )sleep ([0-9.]+)") is { Success: true } sleep
            ? double.Parse(sleep.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    /// <summary>Jobs that are to be met in a long sleep have come to it, and all that their scripts do before is done.</summary>
    private async Task AwaitSleepersAsync()
    {
        foreach (var jobs in _sleeping.GroupBy(fields => _comparison.Resolve(fields).GetProperty("handle").GetString()))
        {
            await using var connection = await server.ConnectAsync();
            await Deadline.UntilAsync("the jobs sleep", async () =>
            {
                await connection.SendAsync("Run", ("handle", jobs.Key), ("script", "cat /proc/[0-9]*/comm 2> /dev/null | grep -cx sleep"));
                var reply = await connection.ReadAsync();
                return reply.IsError || int.Parse(reply.Message.Text("stdout"), CultureInfo.InvariantCulture) >= jobs.Count();
            });
        }

        _sleeping.Clear();
    }

    /// <summary>Where Info shows after a wait what a job's end or the container's has changed, a slow machine is given longer.</summary>
    private async Task AwaitStateAsync(JsonElement next)
    {
        if (!next.TryGetProperty("request", out var request) || request.GetString() != "Info"
            || !next.TryGetProperty("response", out var response) || !response.TryGetProperty("state", out var state))
        {
            return;
        }

        var running = response.TryGetProperty("job_ids", out var jobs) ? jobs.GetArrayLength() : 0;
        var handle = _comparison.Resolve(next.GetProperty("fields")).GetProperty("handle").GetString();
        await using var connection = await server.ConnectAsync();
        try
        {
            await Deadline.UntilAsync("what Info shows is so", async () =>
            {
                var info = await connection.CallAsync("Info", ("handle", handle));
                return info.Text("state") == state.GetString() && info.Numbers("job_ids").Count == running;
            });
        }
        catch (TimeoutException)
        {
            // The step itself tells what differs.
        }
    }

    /// <summary>
    /// Where a container is gone after a wait, a slow machine is given longer. List is asked, which has nothing to do with the container: another
    /// request for it would count as a client that is still there.
    /// </summary>
    private async Task AwaitTheEndAsync(JsonElement next)
    {
        if (next.TryGetProperty("error", out var error) && error.GetString() == "unknown handle" && next.TryGetProperty("fields", out var fields))
        {
            var handle = _comparison.Resolve(fields).GetProperty("handle").GetString();
            await using var connection = await server.ConnectAsync();
            await Deadline.UntilAsync($"{handle} is gone", async () => !(await connection.CallAsync("List")).Texts("handles").Contains(handle));
        }
    }

    private async Task<WireConnection> OnAsync(JsonElement step)
    {
        var name = step.GetProperty("on").GetString()!;
        if (!_connections.TryGetValue(name, out var connection))
        {
            _connections[name] = connection = await server.ConnectAsync();
        }

        return connection;
    }

    private async Task SendAsync(WireConnection connection, string command, JsonElement step)
    {
        if (SleepOf(step) is >= LongSleep)
        {
            _sleeping.Add(step.GetProperty("fields"));
        }

        var message = step.TryGetProperty("fields", out var fields)
            ? JsonFields.ToMessage(command + "Request", _comparison.Resolve(fields))
            : new WireMessage(command + "Request");
        await connection.SendBytesAsync(WireFrame.Message(WireSchema.Types[command], message));
    }

    private async Task AnswerAsync(WireConnection connection, string command, JsonElement step)
    {
        if (step.TryGetProperty("streamed", out var streamed))
        {
            var stream = await Specifications.StreamResult.ReadAsync(connection);
            Assert.Equal(
                streamed.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()),
                stream.Frames.Select(frame => frame.Name).Distinct().ToDictionary(name => name, name => (string?)stream.Text(name)));
            _comparison.Expect(step.GetProperty("response"), stream.Last);
            return;
        }

        var reply = await connection.ReadAsync();
        if (command == "Create" && !reply.IsError)
        {
            Handles.Add(reply.Message.Text("handle"));
        }

        if (command == "Run" && !reply.IsError && reply.Message.Number("exit_status") == 255 && reply.Message.Text("stdout").Length == 0
            && reply.Message.Message("info").Texts("events").Contains("out of memory"))
        {
            // The stop that follows may end the script before it tells what has become of its parts.
            return;
        }

        if (!Environment.IsPrivilegedProcess && HostFiles.NeedsRoot(step) && reply.IsError)
        {
            return;
        }

        if (step.TryGetProperty("error", out var error))
        {
            _comparison.ExpectError(error.GetString()!, reply);
        }
        else
        {
            Assert.True(reply.Command == command, $"{_comparison.Step}: {reply.Command} {reply.Message}");
            _comparison.Expect(step.GetProperty("response"), reply.Message);
        }
    }
}
