using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.ConformanceTests.Units.Client;

/// <summary>A server that answers as its test says, over a Unix socket of its own.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Func<FakeRequest, Task> _answer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly Task _accepting;
    private readonly Socket _listener;

    internal FakeServer(Func<FakeRequest, Task> answer)
    {
        _answer = answer;
        SocketPath = Path.Combine(Path.GetTempPath(), $"fake-{Guid.NewGuid():N}.sock");
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    internal string SocketPath { get; }

    internal int Accepted;

    /// <summary>What came, in the order in which it came.</summary>
    internal ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Closes every connection, as a crash does.</summary>
    internal void DropConnections()
    {
        foreach (Socket socket in _connections.Keys)
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        DropConnections();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        File.Delete(SocketPath);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref Accepted);
                // It is known before it is served: a test may drop every connection as soon as a request has come.
                _connections[socket] = Task.CompletedTask;
                _connections[socket] = ServeAsync(socket);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server stops.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            await using NetworkStream stream = new(socket, ownsSocket: true);
            FrameReader frames = new(PipeReader.Create(stream));
            PipeWriter output = PipeWriter.Create(stream);
            while (await frames.ReadAsync(_stopping.Token) is { } frame)
            {
                Message.Types.Type type = (Message.Types.Type)frame.Type;
                IMessage request = Spec.Commands.CommandCatalogue.Find(frame.Type)!.RequestParser.ParseFrom(frame.Payload);
                Received.Enqueue(type.ToString());
                await _answer(new FakeRequest(type, request, output, socket, _stopping.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException or SocketException)
        {
            // The client has gone, or the server stops.
        }
    }
}

/// <summary>A request that a <see cref="FakeServer"/> has received.</summary>
internal sealed record FakeRequest(
    Message.Types.Type Type,
    IMessage Message,
    PipeWriter Output,
    Socket Socket,
    CancellationToken Stopping)
{
    internal Task AnswerAsync(IMessage response) => AnswerAsync(Type, response);

    internal Task ErrorAsync(string message) => AnswerAsync(Spec.Protocol.Message.Types.Type.Error, new ErrorResponse { Message = message });

    internal async Task AnswerAsync(Message.Types.Type type, IMessage response)
    {
        FrameWriter.Write(Output, type, response);
        await Output.FlushAsync(Stopping);
    }

    internal async Task SendRawAsync(string bytes)
    {
        await Output.WriteAsync(System.Text.Encoding.Latin1.GetBytes(bytes), Stopping);
    }
}
