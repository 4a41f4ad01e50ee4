using System.Buffers;
using System.Net.Sockets;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

internal sealed partial class ClientConnection
{
    private const int InitialReceiveSize = 8 * 1024;

    // The frame limit holds for requests; a client accepts any answer (protocol.md §1).
    private const long AnySize = long.MaxValue;

    // Holds a few of the largest frames of a stream, so that a receive is worth its system call.
    private const int RoomyReceiveSize = 512 * 1024;

    private const int Reading = 0;
    private const int Paused = 1;
    private const int ResumeWanted = 2;

    private readonly Operation _receiving;
    private byte[] _received = new byte[InitialReceiveSize];
    private int _start;
    private int _end;
    private int _pause;
    private IPendingCall? _current;
    private WardenErrorException? _parting;

    /// <summary>Reads on after a call has answered <see cref="Acceptance.Pause"/>. It calls this once for every pause.</summary>
    internal void Resume()
    {
        while (true)
        {
            if (Interlocked.CompareExchange(ref _pause, Reading, Paused) == Paused)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Receive(), this, preferLocal: false);
                return;
            }

            if (Interlocked.CompareExchange(ref _pause, ResumeWanted, Reading) == Reading)
            {
                return;
            }
        }
    }

    private void OnReceived()
    {
        if (Received())
        {
            Receive();
        }
    }

    /// <summary>
    /// Gives what was received to the calls and receives more, until the socket has nothing or a call wants a pause. One thread at a
    /// time runs it: the next one starts when a receive completes or a call resumes.
    /// </summary>
    private void Receive()
    {
        IDeferredCompletion? deferred = null;
        try
        {
            do
            {
                if (!Dispatch(ref deferred))
                {
                    break;
                }

                MakeRoom();
            }
            while (!_socket!.ReceiveAsync(_receiving) && Received());
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended on another thread, which has told every call.
        }
        catch (Exception error) when (error is FrameException or InvalidProtocolBufferException)
        {
            End(new WardenConnectionException($"{error.Message} The connection to {_endpoint} was closed.", error));
        }

        // Here the socket is in other hands, so a continuation that blocks this thread blocks nobody's answer.
        deferred?.Complete();
    }

    private bool Received()
    {
        if (_receiving.SocketError == SocketError.Success && _receiving.BytesTransferred > 0)
        {
            _end += _receiving.BytesTransferred;
            return true;
        }

        string parting = _parting is null ? string.Empty : $" Its last words: {_parting.Message}";
        string how = _receiving.SocketError == SocketError.Success
            ? "The server closed the connection"
            : $"The connection broke ({new SocketException((int)_receiving.SocketError).Message})";
        End(new WardenConnectionException($"{how} to {_endpoint}.{parting}"));
        return false;
    }

    private bool Dispatch(ref IDeferredCompletion? deferred)
    {
        while (_end > _start)
        {
            ReadOnlySequence<byte> unread = new(_received, _start, _end - _start);
            if (!FrameParser.TryParse(unread, AnySize, out ReadOnlySequence<byte> message, out SequencePosition next))
            {
                return true;
            }

            _start += (int)unread.Slice(0, next).Length;
            Frame frame = MessageEnvelope.Parse(message);

            // What was received is one array, so that every slice of it is one span.
            if (!Deliver((Message.Types.Type)frame.Type, frame.Payload.FirstSpan, ref deferred))
            {
                return false;
            }
        }

        _start = _end = 0;
        return true;
    }

    private bool Deliver(Message.Types.Type type, ReadOnlySpan<byte> payload, ref IDeferredCompletion? deferred)
    {
        IPendingCall? call = _current;
        if (call is null)
        {
            lock (_gate)
            {
                // Within the lock: whoever ends the connection sees the call either in the queue or here.
                _calls.TryDequeue(out call);
                _current = call;
            }
        }

        if (call is null)
        {
            Unasked(type, payload);
            return true;
        }

        switch (call.Accept(type, payload))
        {
            case Acceptance.More:
                return true;
            case Acceptance.Pause:
                return !PauseUnlessResumed();
            case Acceptance.Deferred:
                if (deferred is not null)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(deferred, preferLocal: false);
                }

                deferred = (IDeferredCompletion)call;
                break;
        }

        _current = null;
        return true;
    }

    private void MakeRoom()
    {
        int unread = _end - _start;
        int size = _received.Length;
        if (unread == 0 && size > RoomyReceiveSize)
        {
            size = RoomyReceiveSize;
        }
        else if (_end == size && size < RoomyReceiveSize)
        {
            // There is more than fits: fewer system calls are worth the memory.
            size *= 4;
        }
        else if (unread == size)
        {
            // A frame larger than the buffer: it grows with what has come, not with what a length promises.
            size = size < Array.MaxLength
                ? (int)Math.Min(size * 2L, Array.MaxLength)
                : throw new FrameException("The server sent a frame larger than this process can hold.");
        }

        if (size != _received.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(size);
            _received.AsSpan(_start, unread).CopyTo(larger);
            _received = larger;
            (_start, _end) = (0, unread);
        }
        else if (_start > 0 && size - _end < size / 2)
        {
            _received.AsSpan(_start, unread).CopyTo(_received);
            (_start, _end) = (0, unread);
        }

        _receiving.SetBuffer(_received, _end, size - _end);
    }

    private bool PauseUnlessResumed()
    {
        if (Interlocked.CompareExchange(ref _pause, Paused, Reading) == Reading)
        {
            return true;
        }

        Volatile.Write(ref _pause, Reading);
        return false;
    }

    // An error that answers nothing tells why the server is about to close.
    private void Unasked(Message.Types.Type type, ReadOnlySpan<byte> payload)
    {
        if (type != Message.Types.Type.Error)
        {
            throw new FrameException($"The server sent {type} that nobody asked for.");
        }

        _parting = new WardenErrorException(ErrorResponse.Parser.ParseFrom(payload));
    }
}
