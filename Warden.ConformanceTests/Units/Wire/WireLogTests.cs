using System.Text;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Units.Wire;

/// <summary>What is kept of the wire, and how it reads.</summary>
public sealed class WireLogTests
{
    private readonly WireLog _log = new();

    [Fact]
    public void MessagesReadAsSuch()
    {
        var connection = _log.Connected();
        _log.Sent(connection, [.. WireFrame.Request("Echo", ("message", "a\nb\0é")), .. WireFrame.Request("Ping")]);
        _log.Received(connection, WireFrame.Envelope(1, WireCodec.Encode(new WireMessage("ErrorResponse", ("message", "unknown handle")))));
        _log.Note(connection, "closed by the server");

        Assert.Equal(
            [
                "#1 · connected",
                "#1 → EchoRequest {message: \"a\\nb\\x00\\xc3\\xa9\"}",
                "#1 → PingRequest {}",
                "#1 ← ErrorResponse {message: \"unknown handle\"}",
                "#1 · closed by the server",
            ],
            Lines());
    }

    [Theory]
    [InlineData("garbage\r\n", "#1 → 9 bytes: \"garbage\\r\\n\"")]
    [InlineData("4\r\n\u0008", "#1 → 4 bytes: \"4\\r\\n\\x08\"")]
    [InlineData("+4\r\n\u0008\u005b\u0012\0\r\n", "#1 → 10 bytes: \"+4\\r\\n\\x08[\\x12\\x00\\r\\n\"")]
    [InlineData("2147483647\r\n", "#1 → 12 bytes: \"2147483647\\r\\n\"")]
    [InlineData("2\r\nxx\r\n", "#1 → 2 bytes: \"xx\"")]
    [InlineData("4\r\n\u0008\u0001\u0012\0\r\n", "#1 → 4 bytes: \"\\x08\\x01\\x12\\x00\"")]
    public void BytesThatAreNoMessageReadAsBytes(string sent, string expected)
    {
        _log.Sent(1, Encoding.Latin1.GetBytes(sent));

        Assert.Equal([expected], Lines());
    }

    [Fact]
    public void ALongMessageIsCut()
    {
        _log.Sent(1, WireFrame.Request("Echo", ("message", new string('x', 100_000))));

        var line = Assert.Single(Lines());
        Assert.Contains(" bytes: ", line, StringComparison.Ordinal);
        Assert.EndsWith("xxx\"…", line);
        Assert.InRange(line.Length, 200, 400);
    }

    [Fact]
    public void TheLastEntriesAreKept()
    {
        for (var number = 0; number < 1000; number++)
        {
            _log.Note(1, $"{number}");
        }

        var lines = _log.ToString().Split('\n');
        Assert.Equal("… 800 earlier entries", lines[0]);
        Assert.Equal(201, lines.Length);
        Assert.EndsWith("#1 · 999", lines[^1]);
    }

    [Fact]
    public void WhatCleansUpAfterATestIsLeftOut()
    {
        _log.Note(1, "in the test");
        _log.End();
        _log.Note(1, "after it");

        Assert.Equal(["#1 · in the test"], Lines());
    }

    [Fact]
    public async Task ATestsOwnConnectionsAreItsLogs()
    {
        // The framework has begun one for this test, and not for another.
        var log = Assert.IsType<WireLog>(WireLog.Current);
        await Task.Run(() => WireLog.Current!.Note(1, "of this test"));

        Assert.EndsWith("#1 · of this test", log.ToString());
        Assert.DoesNotContain('\n', log.ToString());
    }

    private List<string> Lines() => [.. _log.ToString().Split('\n').Select(line => line[line.IndexOf('#')..])];
}
