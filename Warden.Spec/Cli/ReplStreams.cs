using System.Text;

namespace Warden.Spec.Cli;

/// <summary>
/// Where the command line writes. Output is bytes, because jobs print bytes; its own texts are UTF-8 with LF.
/// </summary>
internal sealed class ReplStreams(Stream output, Stream error)
{
    internal Task WriteAsync(string text, CancellationToken cancellationToken = default) => WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    internal Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => WriteToAsync(output, bytes, cancellationToken);

    internal Task WriteLineAsync(string line, CancellationToken cancellationToken = default) => WriteAsync(line + "\n", cancellationToken);

    internal Task WriteErrorAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => WriteToAsync(error, bytes, cancellationToken);

    internal Task WriteErrorLineAsync(string line, CancellationToken cancellationToken = default) =>
        WriteErrorAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);

    private static async Task WriteToAsync(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
