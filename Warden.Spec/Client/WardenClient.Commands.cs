using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <content>One method a command of protocol.md §2, with plain values where a request has few fields.</content>
public sealed partial class WardenClient
{
    private static readonly PingRequest Ping = new();
    private static readonly ListRequest List = new();

    /// <summary>Asks for an answer.</summary>
    public Task PingAsync(CancellationToken cancellationToken = default) =>
        CallAsync<PingRequest, PingResponse>(Ping, cancellationToken);

    /// <summary>Gets a text back.</summary>
    public async Task<string> EchoAsync(string message, CancellationToken cancellationToken = default)
    {
        EchoRequest request = new() { Message = Text(message) };
        return (await CallAsync<EchoRequest, EchoResponse>(request, cancellationToken).ConfigureAwait(false)).Message.ToStringUtf8();
    }

    /// <summary>Gets bytes back.</summary>
    public async Task<ByteString> EchoAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        EchoRequest request = new() { Message = ByteString.CopyFrom(message.Span) };
        return (await CallAsync<EchoRequest, EchoResponse>(request, cancellationToken).ConfigureAwait(false)).Message;
    }

    /// <summary>The handles of all containers.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        ListResponse response = await CallAsync<ListRequest, ListResponse>(List, cancellationToken).ConfigureAwait(false);
        string[] handles = new string[response.Handles.Count];
        for (int i = 0; i < handles.Length; i++)
        {
            handles[i] = response.Handles[i].ToStringUtf8();
        }

        return handles;
    }

    /// <summary>Makes a container as the server's configuration says.</summary>
    /// <returns>Its handle.</returns>
    public Task<string> CreateAsync(CancellationToken cancellationToken = default) =>
        CreateAsync(new CreateRequest(), cancellationToken);

    /// <summary>Makes a container with a handle of the caller's choice.</summary>
    /// <returns>Its handle.</returns>
    public Task<string> CreateAsync(string handle, CancellationToken cancellationToken = default) =>
        CreateAsync(new CreateRequest { Handle = Text(handle) }, cancellationToken);

    /// <summary>Makes a container.</summary>
    /// <returns>Its handle.</returns>
    public async Task<string> CreateAsync(CreateRequest request, CancellationToken cancellationToken = default) =>
        (await CallAsync<CreateRequest, CreateResponse>(request, cancellationToken).ConfigureAwait(false)).Handle.ToStringUtf8();

    /// <summary>Ends every process of a container except its init.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="background">Whether the server answers at once and goes on stopping.</param>
    /// <param name="kill">Whether it begins with KILL instead of TERM.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StopAsync(string handle, bool background = false, bool kill = false, CancellationToken cancellationToken = default)
    {
        StopRequest request = new() { Handle = Text(handle) };
        if (background)
        {
            request.Background = true;
        }

        if (kill)
        {
            request.Kill = true;
        }

        return CallAsync<StopRequest, StopResponse>(request, cancellationToken);
    }

    /// <summary>Stops a container, releases what it holds and removes it.</summary>
    public Task DestroyAsync(string handle, CancellationToken cancellationToken = default) =>
        CallAsync<DestroyRequest, DestroyResponse>(new DestroyRequest { Handle = Text(handle) }, cancellationToken);

    /// <summary>Describes a container.</summary>
    public Task<InfoResponse> InfoAsync(string handle, CancellationToken cancellationToken = default) =>
        CallAsync<InfoRequest, InfoResponse>(new InfoRequest { Handle = Text(handle) }, cancellationToken);

    /// <summary>Opens a host port to a container.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="hostPort">The host's port; null means one from the server's pool.</param>
    /// <param name="containerPort">The container's port; null means the host's.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The ports in use.</returns>
    public Task<NetInResponse> NetInAsync(
        string handle,
        uint? hostPort = null,
        uint? containerPort = null,
        CancellationToken cancellationToken = default)
    {
        NetInRequest request = new() { Handle = Text(handle) };
        if (hostPort is { } host)
        {
            request.HostPort = host;
        }

        if (containerPort is { } container)
        {
            request.ContainerPort = container;
        }

        return CallAsync<NetInRequest, NetInResponse>(request, cancellationToken);
    }

    /// <summary>Opens a network, a port or both to a container, for TCP.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="network">ADDRESS, ADDRESS/PREFIX or FIRST-LAST; null means every network.</param>
    /// <param name="port">The port; null means every port.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task NetOutAsync(string handle, string? network, uint? port = null, CancellationToken cancellationToken = default)
    {
        NetOutRequest request = new() { Handle = Text(handle) };
        if (network is not null)
        {
            request.Network = network;
        }

        if (port is { } one)
        {
            request.Port = one;
        }

        return NetOutAsync(request, cancellationToken);
    }

    /// <summary>Opens a network, a port or both to a container, with every choice of the protocol.</summary>
    public Task NetOutAsync(NetOutRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<NetOutRequest, NetOutResponse>(request, cancellationToken);

    /// <summary>Copies from the host into a container. <c>SRC</c> is the file or directory itself, <c>SRC/</c> a directory's contents.</summary>
    public Task CopyInAsync(string handle, string sourcePath, string destinationPath, CancellationToken cancellationToken = default) =>
        CallAsync<CopyInRequest, CopyInResponse>(
            new CopyInRequest { Handle = Text(handle), SrcPath = Text(sourcePath), DstPath = Text(destinationPath) },
            cancellationToken);

    /// <summary>Copies from a container to the host. <c>SRC</c> is the file or directory itself, <c>SRC/</c> a directory's contents.</summary>
    /// <param name="handle">The container.</param>
    /// <param name="sourcePath">A path in the container.</param>
    /// <param name="destinationPath">A path of the host.</param>
    /// <param name="owner">The host's user who is to own the copy; null leaves the owner as the server makes it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task CopyOutAsync(
        string handle,
        string sourcePath,
        string destinationPath,
        string? owner = null,
        CancellationToken cancellationToken = default)
    {
        CopyOutRequest request = new() { Handle = Text(handle), SrcPath = Text(sourcePath), DstPath = Text(destinationPath) };
        if (owner is not null)
        {
            request.Owner = owner;
        }

        return CallAsync<CopyOutRequest, CopyOutResponse>(request, cancellationToken);
    }

    // What has no UTF-8 form is refused: a replacement would name another container or another file.
    private static ByteString Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ByteString.CopyFrom(text, StrictUtf8);
    }
}
