using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>
/// What belongs to a pair of request and response, found once a pair. A message is named after its command with Request or Response
/// behind it, so the definitions themselves say which number a request travels under.
/// </summary>
internal static class CallShape<TRequest, TResponse>
    where TRequest : IMessage<TRequest>, new()
    where TResponse : IMessage<TResponse>, new()
{
    internal static readonly Message.Types.Type Type = CallShape.TypeOf(
        new TRequest().Descriptor.Name,
        CallShape.RequestSuffix);

    internal static readonly AnswerParser<TResponse> Parse = CallShape.AnyRequired(new TResponse().Descriptor)
        ? static payload => CallShape.Whole(Parser!.ParseFrom(payload))
        : static payload => Parser!.ParseFrom(payload);

    private static readonly MessageParser<TResponse> Parser = new(static () => new TResponse());

    /// <exception cref="ArgumentException">The two messages are no command's request and response.</exception>
    internal static void Verify()
    {
        if (Type == 0 || Type != CallShape.TypeOf(new TResponse().Descriptor.Name, CallShape.ResponseSuffix))
        {
            throw new ArgumentException(
                $"{typeof(TRequest).Name} and {typeof(TResponse).Name} are not the request and the response of one command.");
        }
    }
}

/// <summary>What <see cref="CallShape{TRequest, TResponse}"/> asks the definitions.</summary>
internal static class CallShape
{
    internal const string RequestSuffix = "Request";

    internal const string ResponseSuffix = "Response";

    internal static Message.Types.Type TypeOf(string messageName, string suffix)
    {
        EnumDescriptor types = Message.Descriptor.EnumTypes[0];
        return messageName.EndsWith(suffix, StringComparison.Ordinal)
            && types.FindValueByName(messageName[..^suffix.Length]) is { } value
            ? (Message.Types.Type)value.Number
            : 0;
    }

    /// <summary>The answer, unless it lacks a required field, which the parser does not look at.</summary>
    /// <exception cref="FrameException">It does.</exception>
    internal static T Whole<T>(T answer)
        where T : IMessage =>
        answer.IsInitialized() ? answer : throw new FrameException($"{answer.Descriptor.Name} lacks a required field.");

    internal static bool AnyRequired(MessageDescriptor descriptor)
    {
        foreach (FieldDescriptor field in descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRequired)
            {
                return true;
            }
        }

        return false;
    }
}
