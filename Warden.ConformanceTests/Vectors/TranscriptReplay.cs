using System.Diagnostics;
using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Replays one transcript against a server and compares the answers by the rule of the vectors' README.</summary>
public sealed class TranscriptReplay(WardenServer server, TemporaryDirectory host, bool isAlone) : IAsyncDisposable
{
    private readonly Dictionary<string, WireConnection> _connections = [];
    private readonly List<string> _waiting = [];
    private TranscriptComparison _comparison = new(host.Path, isAlone);
    private double _slowness = 1;

    /// <summary>The handles that the transcript's containers got.</summary>
    public List<string> Handles { get; } = [];

    public async Task RunAsync(Transcript transcript)
    {
        // Jobs do at a slow machine's pace what they are given time for; grace times go by the clock.
        _slowness = transcript.HasGraceTime ? 1 : Deadline.Slowness;
        for (var tries = 1; ; tries++)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                await PlayAsync(transcript);
                return;
            }
            catch (XunitException) when (tries < 10 && transcript.WasPlayedTooSlowly(watch.Elapsed))
            {
                await DisposeAsync();
                _connections.Clear();
                _waiting.Clear();
                _comparison = new TranscriptComparison(host.Path, isAlone);
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

    private async Task PlayAsync(Transcript transcript)
    {
        for (var index = 0; index < transcript.Steps.Count; index++)
        {
            _comparison.Step = $"{transcript.Scenario}, step {index + 1}: {transcript.Steps[index]}";
            await StepAsync(transcript.Steps[index]);
            if (transcript.Steps[index].TryGetProperty("wait", out _) && index + 1 < transcript.Steps.Count)
            {
                await AwaitTheEndAsync(transcript.Steps[index + 1]);
            }
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

            await SendAsync(connection, request.GetString()!, step);
            await AnswerAsync(connection, request.GetString()!, step);
        }
        else if (step.TryGetProperty("sent", out var sent))
        {
            _waiting.Add(step.GetProperty("on").GetString()!);
            await SendAsync(await OnAsync(step), sent.GetString()!, step);
        }
        else if (step.TryGetProperty("then", out var then))
        {
            await AnswerAsync(await OnAsync(step), then.GetString()!, step);
            _waiting.Remove(step.GetProperty("on").GetString()!);
        }
        else if (step.TryGetProperty("close", out var close))
        {
            Assert.True(_connections.Remove(close.GetString()!, out var connection));
            await connection.DisposeAsync();
        }
        else if (step.TryGetProperty("wait", out var wait))
        {
            await KeepPaceAsync(TimeSpan.FromSeconds(wait.GetDouble()) * _slowness);
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
    private async Task KeepPaceAsync(TimeSpan wait)
    {
        const int Turns = 20;
        var idle = _connections.Where(connection => !_waiting.Contains(connection.Key)).Select(connection => connection.Value).FirstOrDefault();
        for (var turn = 0; turn < Turns; turn++)
        {
            await Task.Delay(wait / Turns);
            if (idle is not null)
            {
                await idle.SendBytesAsync(WireFrame.Message(WireSchema.Types["Ping"], new WireMessage("PingRequest")));
                Assert.Equal("Ping", (await idle.ReadAsync()).Command);
            }
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
