using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.V1;

/// <summary>
/// The commands of the first protocol over the wire of the second: a command is an array of words, an answer a plain value
/// (protocol.md §7).
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>ping</c></term><description><c>pong</c></description></item>
/// <item><term><c>create [OPTIONS]</c></term><description>
/// the handle. OPTIONS is a dictionary of <c>bind_mounts</c> (a list of lists: source, destination, mode; the mode is <c>ro</c>,
/// <c>rw</c> or a dictionary with <c>mode</c>), <c>grace_time</c>, <c>handle</c>, <c>network</c> and <c>rootfs</c>; or the words
/// <c>bind_mount:SRC,DST,MODE</c>, <c>grace_time:SECONDS</c> and so on.
/// </description></item>
/// <item><term><c>stop H</c>, <c>destroy H</c></term><description><c>ok</c></description></item>
/// <item><term><c>info H</c></term><description>a dictionary by field name</description></item>
/// <item><term><c>spawn H SCRIPT</c></term><description>the job's id</description></item>
/// <item><term><c>link H JOB</c>, <c>run H SCRIPT</c></term><description>a list: status, stdout, stderr</description></item>
/// <item><term><c>stream H JOB</c></term><description>a list of lists: name, data, status</description></item>
/// <item><term><c>net H in</c></term><description>a dictionary: host_port, container_port</description></item>
/// <item><term><c>net H out ADDRESS[/MASK][:PORT]</c></term><description><c>ok</c></description></item>
/// <item><term><c>copy H in SRC DST</c>, <c>copy H out SRC DST [OWNER]</c></term><description><c>ok</c></description></item>
/// <item><term><c>limit H mem|disk [VALUE]</c></term><description>the limit in bytes</description></item>
/// <item><term><c>limit H cpu [SHARES]</c></term><description>the shares</description></item>
/// <item><term><c>limit H bandwidth [RATE BURST]</c></term><description><c>rate: R burst: B</c></description></item>
/// <item><term><c>list</c></term><description>a list of handles</description></item>
/// <item><term><c>echo TEXT</c></term><description>TEXT</description></item>
/// </list>
/// Numbers come as <see cref="uint"/> or <see cref="ulong"/>, as the protocol has them; lists as
/// <see cref="IReadOnlyList{T}"/> of objects, dictionaries as <see cref="IReadOnlyDictionary{TKey, TValue}"/> of strings and objects.
/// </remarks>
public sealed class WardenV1Client
{
    private readonly WardenClient _client;
    private readonly Encoding _text;

    /// <summary>Speaks through a client, which stays its caller's to dispose.</summary>
    /// <param name="client">The client.</param>
    /// <param name="text">
    /// How scripts and output become text; null means UTF-8. <see cref="Encoding.Latin1"/> keeps binary output, a char a byte.
    /// </param>
    public WardenV1Client(WardenClient client, Encoding? text = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _text = text ?? Encoding.UTF8;
    }

    /// <summary>Carries a command out.</summary>
    /// <param name="command">The command's name and its arguments: strings, numbers, and for create a dictionary.</param>
    /// <returns>The plain value; null where the server sent none.</returns>
    /// <exception cref="ArgumentException">There is no such command, or its arguments are wrong.</exception>
    /// <exception cref="WardenErrorException">The server answered with an error.</exception>
    /// <exception cref="WardenConnectionException">There is no connection, or it ended before the answer.</exception>
    public Task<object?> CallAsync(params object[] command) => CallAsync(command, CancellationToken.None);

    /// <inheritdoc cref="CallAsync(object[])"/>
    /// <param name="command">The command's name and its arguments: strings, numbers, and for create a dictionary.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<object?> CallAsync(IReadOnlyList<object> command, CancellationToken cancellationToken)
    {
        V1Call call = V1Commands.Parse(command, _text);
        if (call.Request is StreamRequest stream)
        {
            List<object?> answers = [];
            await foreach (StreamResponse answer in _client.StreamAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                answers.Add(Values(answer));
            }

            return answers;
        }

        IMessage response = await _client.CallAsync(call.Row, call.Request, cancellationToken).ConfigureAwait(false);
        return call.Convert(response);
    }

    /// <summary>Follows a job.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Lists of name, data and status: the status is null in all but the last, whose name and data are null.</returns>
    public async IAsyncEnumerable<IReadOnlyList<object?>> StreamAsync(
        string handle,
        uint jobId,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (StreamResponse answer in _client.StreamAsync(handle, jobId, cancellationToken).ConfigureAwait(false))
        {
            yield return Values(answer);
        }
    }

    private object?[] Values(StreamResponse answer) =>
    [
        answer.HasName ? answer.Name : null,
        answer.HasData ? _text.GetString(answer.Data.Span) : null,
        answer.HasExitStatus ? answer.ExitStatus : null,
    ];
}
