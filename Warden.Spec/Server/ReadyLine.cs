using System.Net;
using System.Text;
using System.Text.Json;

namespace Warden.Spec.Server;

/// <summary>
/// The line of JSON that an executable prints, alone on standard output, when its server answers:
/// <c>{"ready":true,"socket":"…","pid":…}</c>, with <c>"tcp":"ADDRESS:PORT"</c> where it listens there too.
/// </summary>
public static class ReadyLine
{
    /// <summary>Writes the line.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="socketPath">The Unix socket's path.</param>
    /// <param name="tcp">The TCP address, or null.</param>
    public static void Write(TextWriter output, string socketPath, IPEndPoint? tcp)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("ready", true);
            json.WriteString("socket", socketPath);
            if (tcp is not null)
            {
                json.WriteString("tcp", tcp.ToString());
            }

            json.WriteNumber("pid", Environment.ProcessId);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        output.Flush();
    }
}
