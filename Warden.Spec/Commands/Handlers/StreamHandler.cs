using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class StreamHandler : CommandHandler<StreamRequest>
{
    protected override string? MissingField(StreamRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasJobId ? "job_id"
            : null;

    protected override ByteString? HandleOf(StreamRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, StreamRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
