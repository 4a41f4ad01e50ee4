using System.Runtime.CompilerServices;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Machine;

/// <summary>A container whose processes run code of the test.</summary>
internal sealed class TestContainer : IDisposable
{
    public const uint User = 10005;

    private static readonly RootImage Shared = new(new Emulator.Programs.ProgramTable());

    public TestContainer(TimeProvider? clock = null, Emulator.Programs.ProgramTable? programs = null, IReadOnlyList<BindMountSpec>? mounts = null)
    {
        Container = new EmulatedContainer(new ContainerOptions
        {
            Id = "0123456789a",
            HostName = "0123456789a",
            UserId = User,
            Address = "10.254.0.2",
            Image = programs is null ? Shared : new RootImage(programs),
            Network = null!,
            Clock = clock ?? TimeProvider.System,
            BindMounts = mounts ?? [],
        });
    }

    public EmulatedContainer Container { get; }

    public Process Start(Func<Process, ValueTask<int>> main, uint user = 0, ResourceLimitSet? limits = null, IReadOnlyList<OpenFile?>? files = null) =>
        Container.StartProcess(
            new ProcessOptions
            {
                Path = "/bin/test-body",
                Arguments = ["test-body"],
                UserId = user,
                Directory = user == 0 ? "/root" : "/home/vcap",
                Limits = limits ?? ResourceLimitSet.Default,
                Files = files ?? [],
            },
            main);

    /// <summary>Runs code as a process and passes on what it throws.</summary>
    public async Task RunAsync(Func<Process, ValueTask> body, uint user = 0, ResourceLimitSet? limits = null)
    {
        Exception? failure = null;
        var process = Start(
            async process =>
            {
                try
                {
                    await body(process);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    failure = e;
                }

                return 0;
            },
            user,
            limits);
        var status = await process.Exited.Within();
        if (failure is not null)
        {
            throw new InvalidOperationException("The process failed.", failure);
        }

        Assert.Equal(new ExitStatus(0, false), status);
    }

    public Task RunAsync(Action<Process> body, uint user = 0, ResourceLimitSet? limits = null) => RunAsync(
        process =>
        {
            body(process);
            return default;
        },
        user,
        limits);

    public void Dispose() => Container.Destroy();
}

internal static class MachineTestExtensions
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Deadline);

    public static Task Within(this Task task) => task.WaitAsync(Deadline);

    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var started = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - started < Deadline.TotalMilliseconds, $"never came: {what}");
            await Task.Yield();
        }
    }

    public static void Fails(Errno expected, Action action) => Assert.Equal(expected, Assert.Throws<ErrnoException>(action).Errno);

    public static async Task FailsAsync(Errno expected, Func<ValueTask> action) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<ErrnoException>(async () => await action())).Errno);

    public static async ValueTask WriteFileAsync(this Process process, string path, string text, OpenFlags extra = OpenFlags.Truncate)
    {
        var fd = await process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | extra);
        try
        {
            await process.WriteAsync(fd, text);
        }
        finally
        {
            process.Close(fd);
        }
    }

    public static async ValueTask<string> ReadFileAsync(this Process process, string path)
    {
        var fd = await process.OpenAsync(path, OpenFlags.Read);
        var text = await process.ReadAllAsync(fd);
        process.Close(fd);
        return text;
    }

    public static async ValueTask<string> ReadAllAsync(this Process process, int fd)
    {
        var buffer = new byte[5000];
        var text = "";
        int count;
        while ((count = await process.ReadAsync(fd, buffer)) > 0)
        {
            text += ByteText.FromBytes(buffer.AsSpan(0, count));
        }

        return text;
    }
}
