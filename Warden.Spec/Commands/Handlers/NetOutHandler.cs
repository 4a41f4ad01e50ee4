using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Opens a network.</summary>
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

    protected override async ValueTask HandleAsync(CommandContext context, NetOutRequest request, CancellationToken cancellationToken)
    {
        foreach (var rule in NetOutRules.Read(request))
        {
            await context.Container.OpenAsync(rule, cancellationToken).ConfigureAwait(false);
        }

        await context.ReplyAsync(new NetOutResponse(), cancellationToken).ConfigureAwait(false);
    }
}
