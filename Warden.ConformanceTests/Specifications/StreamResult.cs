using System.Text;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>A whole stream: what was printed, in frames, and how the job ended.</summary>
public sealed record StreamResult(IReadOnlyList<(string Name, byte[] Data)> Frames, WireMessage Last)
{
    public ulong Status => Last.Number("exit_status");

    public byte[] Bytes(string name) => [.. Frames.Where(frame => frame.Name == name).SelectMany(frame => frame.Data)];

    public string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    /// <summary>Reads the answers to a Stream request up to the last.</summary>
    public static async Task<StreamResult> ReadAsync(WireConnection connection)
    {
        var frames = new List<(string, byte[])>();
        while (true)
        {
            var message = await connection.ReadAsync("Stream");
            if (message.Has("exit_status"))
            {
                return new StreamResult(frames, message);
            }

            var name = message.Text("name");
            Assert.Contains(name, (string[])["stdout", "stderr"]);
            frames.Add((name, message.Bytes("data")));
        }
    }
}
