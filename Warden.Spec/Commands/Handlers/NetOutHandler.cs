using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class NetOutHandler : CommandHandler<NetOutRequest>
{
    protected override string? MissingField(NetOutRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(NetOutRequest request) => request.Handle;

    protected override void Check(NetOutRequest request)
    {
        if (request.HasProtocol && request.Protocol is < NetOutRequest.Types.Protocol.Tcp or > NetOutRequest.Types.Protocol.All)
        {
            throw new WardenException($"protocol has no value {(int)request.Protocol}");
        }
    }

    protected override ValueTask HandleAsync(CommandContext context, NetOutRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
