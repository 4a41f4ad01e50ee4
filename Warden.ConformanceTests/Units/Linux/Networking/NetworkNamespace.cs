using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>A network namespace of a thread's own, in which code and programs of a test run. It ends with the thread.</summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public NetworkNamespace()
    {
        var ready = new TaskCompletionSource<int>();
        _thread = new Thread(() =>
        {
            ready.SetResult(Unshare(CLONE_NEWNET) == 0 ? GetThreadId() : -Marshal.GetLastPInvokeError());
            foreach (var action in _work.GetConsumingEnumerable())
            {
                action();
            }
        })
        { IsBackground = true };
        _thread.Start();
        ThreadId = ready.Task.GetAwaiter().GetResult();
        if (ThreadId < 0)
        {
            Dispose();
            Skip.If(true, $"no network namespace can be made here: {Marshal.GetPInvokeErrorMessage(-ThreadId)}");
        }
        Execute("ip", "link", "set", "lo", "up");
    }

    /// <summary>The kernel's id of the thread, which names the namespace as a process' id does.</summary>
    public int ThreadId { get; }

    public static void SkipUnlessPossible()
    {
        Requirements.LinuxRoot();
        Requirements.Programs("nft", "ip");
    }

    public T Run<T>(Func<T> code)
    {
        var result = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try
            {
                result.SetResult(code());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a program in the namespace, which must succeed, and returns its output.</summary>
    public string Execute(string program, params string[] arguments)
    {
        var (status, output) = TryExecute(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {status}\n{output}");
        return output;
    }

    public (int Status, string Output) TryExecute(string program, params string[] arguments)
    {
        Requirements.Programs(program);
        return Run(() => Start(program, arguments));
    }

    private static (int Status, string Output) Start(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    /// <summary>Serves TCP on every address: each peer is told a name and the address that it comes from.</summary>
    public Socket Serve(int port, string name)
    {
        var listener = Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen();
            return socket;
        });
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var peer = await listener.AcceptAsync();
                    await peer.SendAsync(Encoding.ASCII.GetBytes($"{name} {((IPEndPoint)peer.RemoteEndPoint!).Address}"));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test has ended.
            }
        });
        return listener;
    }

    /// <summary>What a server says, or the error of connecting to it, or that there was neither.</summary>
    public string Ask(string address, int port, TimeSpan? within = null) => Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var connecting = socket.ConnectAsync(IPAddress.Parse(address), port);
            if (!connecting.Wait(within ?? Support.Deadline.Default))
            {
                return "silence";
            }
            var buffer = new byte[100];
            socket.ReceiveTimeout = (int)Support.Deadline.Default.TotalMilliseconds;
            var length = 0;
            while (socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None) is > 0 and var count)
            {
                length += count;
            }
            return Encoding.ASCII.GetString(buffer, 0, length);
        }
        catch (AggregateException exception) when (exception.InnerException is SocketException inner)
        {
            return inner.SocketErrorCode.ToString();
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode.ToString();
        }
    });

    /// <summary>
    /// Sends a datagram to an echo server and returns the answer, or the error that came instead. Datagrams may be lost, and the kernel tells
    /// of few refusals at a time (icmp_ratelimit): one without an answer is sent again.
    /// </summary>
    public string AskDatagram(string address, int port, int ownPort = 0) => Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, ownPort));
            socket.Connect(IPAddress.Parse(address), port);
            var buffer = new byte[100];
            for (var watch = Stopwatch.StartNew(); ;)
            {
                socket.Send("hello"u8);
                try
                {
                    return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
                }
                catch (SocketException exception)
                    when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock && watch.Elapsed < Support.Deadline.Default)
                {
                    // It is sent again.
                }
            }
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode.ToString();
        }
    });

    public Socket EchoDatagrams(string address, int port)
    {
        var socket = Run(() =>
        {
            var bound = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            bound.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            return bound;
        });
        _ = Task.Run(async () =>
        {
            var buffer = new byte[100];
            try
            {
                while (true)
                {
                    var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                    await socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test has ended.
            }
        });
        return socket;
    }

    /// <summary>Whether a ping is answered. The first one may be lost on an interface that is just coming up.</summary>
    public bool PingsInTime(string address)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Support.Deadline.Default;)
        {
            if (Pings(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one ping is answered.</summary>
    public bool Pings(string address) => TryExecute("ping", "-n", "-c", "1", "-W", "3", address).Status == 0;

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
