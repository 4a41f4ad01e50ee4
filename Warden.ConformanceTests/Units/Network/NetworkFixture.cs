using System.Net;
using System.Text;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Network;

/// <summary>An emulated network with two containers in which code of the test runs as a process.</summary>
internal sealed class NetworkFixture : IDisposable
{
    public const string FirstId = "0123456789a";
    public const string SecondId = "0123456789b";

    private static readonly RootImage Image = new(new Emulator.Programs.ProgramTable());
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    public NetworkFixture(TimeProvider? clock = null)
    {
        Network = new EmulatedNetwork(clock ?? TimeProvider.System);
        Configure();
        First = Make(FirstId, "10.254.0.1", "10.254.0.2", clock);
        Second = Make(SecondId, "10.254.0.5", "10.254.0.6", clock);
    }

    public static IPAddress SecondAddress { get; } = IPAddress.Parse("10.254.0.6");

    public static IPAddress FirstAddress { get; } = IPAddress.Parse("10.254.0.2");

    public EmulatedNetwork Network { get; }

    public EmulatedContainer First { get; }

    public EmulatedContainer Second { get; }

    public void Configure(Func<BackendSettings, BackendSettings>? change = null)
    {
        var settings = new BackendSettings { DepotPath = "/depot", Pool = IPNetwork.Parse("10.254.0.0/24") };
        Network.Configure(change?.Invoke(settings) ?? settings);
    }

    public static NetOutRule Rule(
        string first, string? last = null, (int, int)? ports = null, NetProtocol protocol = NetProtocol.Tcp, int? type = null, int? code = null,
        bool log = false) =>
        new(new AddressRange(IPAddress.Parse(first), IPAddress.Parse(last ?? first)), ports, protocol, type, code, log);

    /// <summary>Runs code as a process of a container and returns what it returns.</summary>
    public static async Task<T> InAsync<T>(EmulatedContainer container, Func<Process, ValueTask<T>> body, uint user = 0)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        container.StartProcess(
            new ProcessOptions
            {
                Path = "/bin/test-body",
                Arguments = ["test-body"],
                UserId = user,
                Directory = "/",
                Limits = ResourceLimitSet.Default,
                Files = [],
            },
            async process =>
            {
                try
                {
                    result.TrySetResult(await body(process));
                }
                catch (Exception e)
                {
                    result.TrySetException(e);
                }

                return 0;
            });
        return await result.Task.WaitAsync(Deadline);
    }

    /// <summary>Runs a program with its standard input from a text.</summary>
    public static Task<(int Status, string Output, string Messages)> RunAsync(EmulatedContainer container, string input, params string[] arguments) => InAsync(
        container,
        async process =>
        {
            var (inputRead, inputWrite) = process.Pipe();
            var (outputRead, outputWrite) = process.Pipe();
            var (messagesRead, messagesWrite) = process.Pipe();
            var child = process.Spawn(
                "/usr/bin/" + arguments[0], arguments, [],
                inner =>
                {
                    inner.DuplicateTo(inputRead, 0);
                    inner.DuplicateTo(outputWrite, 1);
                    inner.DuplicateTo(messagesWrite, 2);
                    foreach (var fd in new[] { inputRead, inputWrite, outputRead, outputWrite, messagesRead, messagesWrite }.Where(fd => fd > 2))
                    {
                        inner.Close(fd);
                    }
                });
            process.Close(inputRead);
            process.Close(outputWrite);
            process.Close(messagesWrite);
            try
            {
                await process.WriteAsync(inputWrite, input);
            }
            catch (ErrnoException)
            {
                // The program did not want it all.
            }

            process.Close(inputWrite);
            var output = await ReadToEndAsync(process, outputRead);
            var messages = await ReadToEndAsync(process, messagesRead);
            var end = await process.WaitAsync(child.Id);
            return (end!.Value.Status.ShellStatus, output, messages);
        });

    public static async Task<Errno> FailureOfAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (ErrnoException failure)
        {
            return failure.Errno;
        }

        return 0;
    }

    public static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(Deadline);
    }

    public void Dispose()
    {
        First.Destroy();
        Second.Destroy();
    }

    private static async ValueTask<string> ReadToEndAsync(Process process, int fd)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await process.ReadAsync(fd, buffer) is > 0 and var count)
        {
            text.Append(ByteText.FromBytes(buffer.AsSpan(0, count)));
        }

        return text.ToString();
    }

    private EmulatedContainer Make(string id, string host, string address, TimeProvider? clock) => new(new ContainerOptions
    {
        Id = id,
        HostName = id,
        UserId = 10000,
        Address = address,
        Image = Image,
        Network = Network.AddContainer(id, IPAddress.Parse(host), IPAddress.Parse(address)),
        Clock = clock ?? TimeProvider.System,
    });
}
