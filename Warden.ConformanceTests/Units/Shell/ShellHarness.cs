using System.Text;
using Warden.ConformanceTests.Units.Machine;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Shell;

/// <summary>Runs scripts in an emulated bash as a job does: on its standard input, with a job's environment.</summary>
internal static class ShellHarness
{
    public sealed record Result(string Output, string Error, int Status);

    public static async Task<Result> RunAsync(string script, uint user = 0, TimeProvider? clock = null)
    {
        using var test = new TestContainer(clock);
        return await RunAsync(test.Container, script, user);
    }

    public static async Task<Result> RunAsync(EmulatedContainer container, string script, uint user = 0)
    {
        var output = new Sink();
        var error = new Sink();
        var process = container.StartProcess(new ProcessOptions
        {
            Path = "/bin/bash",
            Arguments = ["/bin/bash"],
            UserId = user,
            Directory = "/tmp",
            Limits = ResourceLimitSet.Default,
            Environment =
            [
                new("HOME", user == 0 ? "/root" : "/home/vcap"), new("USER", user == 0 ? "root" : "vcap"), new("PATH", "/bin:/usr/bin"),
                new("LANG", "en_US.UTF-8"),
            ],
            Files = [new Input(ByteText.ToBytes(script)), output, error],
        });
        var status = await process.Exited.Within();
        return new(output.Text, error.Text, status.Signalled ? 128 + status.Code : status.Code);
    }

    /// <summary>A script on its way through a pipe: it cannot be put back.</summary>
    private sealed class Input(byte[] content) : OpenFile
    {
        private int _at;

        public override string Name => "pipe:[1]";

        public override FileStatus Status => PipeStatus;

        public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
        {
            lock (content)
            {
                var count = Math.Min(buffer.Length, content.Length - _at);
                content.AsSpan(_at, count).CopyTo(buffer.Span);
                _at += count;
                return new(count);
            }
        }
    }

    private sealed class Sink : OpenFile
    {
        private readonly StringBuilder _text = new();

        public override string Name => "pipe:[2]";

        public override FileStatus Status => PipeStatus;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data)
        {
            lock (_text)
            {
                _text.Append(ByteText.FromBytes(data.Span));
            }

            return default;
        }
    }

    private static FileStatus PipeStatus => new()
    {
        Kind = FileKind.Fifo,
        Mode = 0x180,
        UserId = 0,
        GroupId = 0,
        Size = 0,
        Modified = DateTimeOffset.UnixEpoch,
    };
}
