using System.Text;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <content>The commands that start jobs and wait for them.</content>
public sealed partial class WardenClient
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Starts a job.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="script">What the container's bash reads, sent as UTF-8.</param>
    /// <param name="options">How it runs; null means the defaults.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job's id.</returns>
    public Task<uint> SpawnAsync(
        string handle,
        string script,
        JobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        SpawnAsync(SpawnRequestOf(handle, Text(script), options), cancellationToken);

    /// <summary>Starts a job whose script is bytes.</summary>
    /// <inheritdoc cref="SpawnAsync(string, string, JobOptions?, CancellationToken)"/>
    public Task<uint> SpawnAsync(
        string handle,
        ReadOnlyMemory<byte> script,
        JobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        SpawnAsync(SpawnRequestOf(handle, ByteString.CopyFrom(script.Span), options), cancellationToken);

    /// <summary>Starts a job.</summary>
    /// <returns>The job's id.</returns>
    public async Task<uint> SpawnAsync(SpawnRequest request, CancellationToken cancellationToken = default) =>
        (await CallAsync<SpawnRequest, SpawnResponse>(request, cancellationToken).ConfigureAwait(false)).JobId;

    /// <summary>Waits for a job's end and takes its result. The job is gone then.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Stops waiting; the answer that comes later still takes the job's result.</param>
    public Task<LinkResponse> LinkAsync(string handle, uint jobId, CancellationToken cancellationToken = default) =>
        CallAsync<LinkRequest, LinkResponse>(new LinkRequest { Handle = Text(handle), JobId = jobId }, cancellationToken);

    /// <summary>Runs a script and waits for its end.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="script">What the container's bash reads, sent as UTF-8.</param>
    /// <param name="options">How it runs; null means the defaults.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<RunResponse> RunAsync(
        string handle,
        string script,
        JobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(RunRequestOf(handle, Text(script), options), cancellationToken);

    /// <summary>Runs a script of bytes and waits for its end.</summary>
    /// <inheritdoc cref="RunAsync(string, string, JobOptions?, CancellationToken)"/>
    public Task<RunResponse> RunAsync(
        string handle,
        ReadOnlyMemory<byte> script,
        JobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(RunRequestOf(handle, ByteString.CopyFrom(script.Span), options), cancellationToken);

    /// <summary>Runs a script and waits for its end.</summary>
    public Task<RunResponse> RunAsync(RunRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<RunRequest, RunResponse>(request, cancellationToken);

    /// <inheritdoc cref="StreamAsync(StreamRequest, CancellationToken)"/>
    /// <param name="handle">The container.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public IAsyncEnumerable<StreamResponse> StreamAsync(string handle, uint jobId, CancellationToken cancellationToken = default) =>
        StreamAsync(new StreamRequest { Handle = Text(handle), JobId = jobId }, cancellationToken);

    private static SpawnRequest SpawnRequestOf(string handle, ByteString script, JobOptions? options)
    {
        SpawnRequest request = new() { Handle = Text(handle), Script = script };
        if (options is null)
        {
            return request;
        }

        if (options.Privileged)
        {
            request.Privileged = true;
        }

        if (options.DiscardOutput)
        {
            request.DiscardOutput = true;
        }

        if (options.LogTag is { } tag)
        {
            request.LogTag = Text(tag);
        }

        request.Rlimits = options.Limits;
        return request;
    }

    private static RunRequest RunRequestOf(string handle, ByteString script, JobOptions? options)
    {
        RunRequest request = new() { Handle = Text(handle), Script = script };
        if (options is null)
        {
            return request;
        }

        if (options.Privileged)
        {
            request.Privileged = true;
        }

        if (options.DiscardOutput)
        {
            request.DiscardOutput = true;
        }

        if (options.LogTag is { } tag)
        {
            request.LogTag = Text(tag);
        }

        request.Rlimits = options.Limits;
        return request;
    }
}
