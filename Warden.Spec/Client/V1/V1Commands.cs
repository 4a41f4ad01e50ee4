using System.Globalization;
using System.Text;
using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.V1;

/// <summary>A command of V1 mode as a call: what to send, and what value its answer is.</summary>
internal sealed record V1Call(CommandRow Row, IMessage Request, Func<IMessage, object?> Convert);

/// <summary>Turns commands of V1 mode into calls (protocol.md §7).</summary>
internal static class V1Commands
{
    private const string Ok = "ok";

    /// <exception cref="ArgumentException">There is no such command, or its arguments are wrong.</exception>
    internal static V1Call Parse(IReadOnlyList<object> command, Encoding text)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Count == 0)
        {
            throw new ArgumentException("A command has at least one word.");
        }

        V1Arguments arguments = new(command, text);
        return arguments.Command switch
        {
            "ping" => Call(arguments.End(new PingRequest()), static _ => "pong"),
            "create" => V1Create.Parse(arguments),
            "stop" => Stop(arguments),
            "destroy" => Call(arguments.End(new DestroyRequest { Handle = arguments.Handle() }), static _ => Ok),
            "info" => Call(arguments.End(new InfoRequest { Handle = arguments.Handle() }), V1Values.Of),
            "spawn" => Call(
                arguments.End(new SpawnRequest { Handle = arguments.Handle(), Script = arguments.Script() }),
                static response => ((SpawnResponse)response).JobId),
            "run" => Call(
                arguments.End(new RunRequest { Handle = arguments.Handle(), Script = arguments.Script() }),
                response => Result((RunResponse)response, text)),
            "link" => Call(
                arguments.End(new LinkRequest { Handle = arguments.Handle(), JobId = arguments.JobId() }),
                response => Result((LinkResponse)response, text)),
            "stream" => Call(
                arguments.End(new StreamRequest { Handle = arguments.Handle(), JobId = arguments.JobId() }),
                static response => response),
            "net" => Net(arguments),
            "copy" => Copy(arguments),
            "limit" => V1Limit.Parse(arguments),
            "list" => Call(
                arguments.End(new ListRequest()),
                static response => ((ListResponse)response).Handles.Select(object? (handle) => handle.ToStringUtf8()).ToArray()),
            "echo" => Call(
                arguments.End(new EchoRequest { Message = arguments.Text("TEXT") }),
                response => text.GetString(((EchoResponse)response).Message.Span)),
            _ => throw new ArgumentException($"unknown command: {arguments.Command}"),
        };
    }

    internal static V1Call Call(IMessage request, Func<IMessage, object?> convert)
    {
        Message.Types.Type type = Connection.CallShape.TypeOf(request.Descriptor.Name, Connection.CallShape.RequestSuffix);
        return new V1Call(CommandCatalogue.Find((int)type)!, request, convert);
    }

    private static V1Call Stop(V1Arguments arguments)
    {
        StopRequest request = new() { Handle = arguments.Handle() };
        while (arguments.More)
        {
            switch (arguments.Word("background or kill"))
            {
                case "background":
                    request.Background = true;
                    break;
                case "kill":
                    request.Kill = true;
                    break;
                default:
                    throw arguments.Usage();
            }
        }

        return Call(request, static _ => Ok);
    }

    private static V1Call Net(V1Arguments arguments)
    {
        ByteString handle = arguments.Handle();
        switch (arguments.Word("in or out"))
        {
            case "in":
                return Call(arguments.End(new NetInRequest { Handle = handle }), V1Values.Of);
            case "out":
                NetOutRequest request = new() { Handle = handle };
                string target = arguments.Word("ADDRESS[/MASK][:PORT]");
                int colon = target.LastIndexOf(':');
                if (colon >= 0)
                {
                    request.Port = uint.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint port)
                        ? port
                        : throw new ArgumentException($"'{target[(colon + 1)..]}' is no port.");
                    target = target[..colon];
                }

                if (target.Length > 0)
                {
                    request.Network = target;
                }

                return Call(arguments.End(request), static _ => Ok);
            default:
                throw arguments.Usage();
        }
    }

    private static V1Call Copy(V1Arguments arguments)
    {
        ByteString handle = arguments.Handle();
        string direction = arguments.Word("in or out");
        ByteString source = arguments.Text("SRC");
        ByteString destination = arguments.Text("DST");
        switch (direction)
        {
            case "in":
                return Call(
                    arguments.End(new CopyInRequest { Handle = handle, SrcPath = source, DstPath = destination }),
                    static _ => Ok);
            case "out":
                CopyOutRequest request = new() { Handle = handle, SrcPath = source, DstPath = destination };
                if (arguments.More)
                {
                    request.Owner = arguments.Word("OWNER");
                }

                return Call(arguments.End(request), static _ => Ok);
            default:
                throw arguments.Usage();
        }
    }

    private static object?[] Result(LinkResponse response, Encoding text) =>
        [response.ExitStatus, text.GetString(response.Stdout.Span), text.GetString(response.Stderr.Span)];

    private static object?[] Result(RunResponse response, Encoding text) =>
        [response.ExitStatus, text.GetString(response.Stdout.Span), text.GetString(response.Stderr.Span)];
}
