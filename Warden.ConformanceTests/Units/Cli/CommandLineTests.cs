using System.CommandLine;
using System.Text;
using Google.Protobuf;
using Warden.ConformanceTests.Units.Client;
using Warden.Spec.Cli;
using Warden.Spec.Client;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Cli;

public sealed class CommandLineTests
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    [Theory]
    [InlineData("ping", "pong\n")]
    [InlineData("create bind_mount:/a,/b,ro grace_time:5", "made 1 /a /b RO 5\n")]
    [InlineData("stop h", "ok\n")]
    [InlineData("destroy h", "ok\n")]
    [InlineData("list", "h1\nh2\n")]
    [InlineData("echo some text", "some text\n")]
    [InlineData("echo --x", "--x\n")]
    [InlineData("spawn h echo hi", "7\n")]
    [InlineData("link h 7", "exit status: 3\nstdout:\nout\nstderr:\nerr\n")]
    [InlineData("stream h 7", "outerr and more")]
    [InlineData("net h in", "host_port : 61001\ncontainer_port : 61001\n")]
    [InlineData("net h out 10.0.0.0/8:80", "ok\n")]
    [InlineData("copy h in /a /b", "ok\n")]
    [InlineData("copy h out /a /b root", "ok\n")]
    [InlineData("limit h mem 4096", "4096\n")]
    [InlineData("limit h disk 2048", "2048\n")]
    [InlineData("limit h bandwidth 10 20", "rate: 10 burst: 20\n")]
    [InlineData("info h", "state : active\nevents[0] : out of memory\ncpu_stat.usage : 5\njob_ids[0] : 1\njob_ids[1] : 2\n")]
    [InlineData("create --bind_mounts[0].src_path /a --bind_mounts[0].dst_path /b --bind_mounts[0].mode ro --grace_time 5", "handle : made 1 /a /b RO 5\n")]
    [InlineData("stop --handle h --kill --background", "")]
    [InlineData("list --help", "list: Names the containers.\nusage: list\nusage: list\n")]
    [InlineData("link --handle h --job_id 7", "exit_status : 3\nstdout : out\nstderr : err\n")]
    [InlineData("stream --handle h --job_id 7", "name : stdout\ndata : out\nname : stderr\ndata : err and more\nexit_status : 3\n")]
    [InlineData("spawn --handle h --script x --privileged false --rlimits.nofile 5 --rlimits.core 0", "job_id : 7\n")]
    [InlineData("limit --help", "limit: Sets or reads a container's limit.\nusage: limit HANDLE mem [BYTES]\nusage: limit HANDLE disk [BYTES]\nusage: limit HANDLE cpu [SHARES]\nusage: limit HANDLE bandwidth [RATE BURST]\n")]
    [InlineData("help list", "list: Names the containers.\nusage: list\nusage: list\n")]
    [InlineData("stop h background kill", "ok\n")]
    [InlineData("limit h cpu 10", "10\n")]
    [InlineData("limit h bandwidth", "rate: 0 burst: 0\n")]
    [InlineData("create handle:x network:1.2.3.4 rootfs:/r", "made 0 0\n")]
    [InlineData("limit_memory --handle h --limit_in_bytes=4096", "limit_in_bytes : 4096\n")]
    [InlineData("net_in --handle h", "host_port : 61001\ncontainer_port : 61001\n")]
    [InlineData("net_out --handle h --network 10.0.0.0/8 --protocol udp --icmp_type -1", "")]
    public async Task A_command_prints_its_answer(string line, string expected)
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (int status, string output, string error) = await OneShotAsync(server, [.. line.Split(' ')]);

        Assert.Equal((0, expected, string.Empty), (status, output, error));
    }

    [Theory]
    [InlineData("run h exit 3")]
    [InlineData("run --handle h --script x")]
    public async Task Run_exits_with_the_jobs_status(string line)
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (int status, _, _) = await OneShotAsync(server, [.. line.Split(' ')]);

        Assert.Equal(3, status);
    }

    [Fact]
    public async Task Run_prints_bytes_as_they_are_and_keeps_the_two_outputs_apart()
    {
        byte[] bytes = [0, 255, 13, 10, 128];
        await using FakeServer server = new(async request =>
        {
            if (request.Message is SpawnRequest spawn)
            {
                Assert.Equal("cat file; x", spawn.Script.ToStringUtf8());
                await request.AnswerAsync(new SpawnResponse { JobId = 1 });
                return;
            }

            await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = ByteString.CopyFrom(bytes) });
            await request.AnswerAsync(new StreamResponse { Name = "stderr", Data = ByteString.CopyFromUtf8("oops\n") });
            await request.AnswerAsync(new StreamResponse { ExitStatus = 0 });
        });
        using MemoryStream output = new();
        using MemoryStream error = new();

        int status = await WardenCommandLine
            .RunOneShotAsync(new ReplOptions { Socket = server.SocketPath, Output = output, Error = error }, ["run", "h", "cat", "file;", "x"])
            .WaitAsync(Deadline);

        Assert.Equal(0, status);
        Assert.Equal(bytes, output.ToArray());
        Assert.Equal("oops\n", Encoding.UTF8.GetString(error.ToArray()));
    }

    [Theory]
    [InlineData("destroy nope", "error: unknown handle\n")]
    [InlineData("frobnicate", "error: unknown command: frobnicate\n")]
    [InlineData("create --bind_mounts[0] x", "error: create: there is no flag --bind_mounts[0]; 'create --help' names them\n")]
    [InlineData("help nope", "error: unknown command: nope\n")]
    [InlineData("frobnicate --x", "error: unknown command: frobnicate\n")]
    [InlineData("limit --handle h", "error: unknown command: limit\n")]
    [InlineData("info --handle h h", "error: info: expected --FIELD, not 'h'\n")]
    [InlineData("create --bind_mounts[x].mode RO", "error: create: --bind_mounts[x].mode has no index in its brackets\n")]
    [InlineData("spawn --handle h --script x --privileged=maybe", "error: spawn: --privileged takes true or false, not 'maybe'\n")]
    [InlineData("net_out --handle h --icmp_type x", "error: net_out: --icmp_type takes a number from -2147483648 to 2147483647, not 'x'\n")]
    [InlineData("limit_cpu --handle h --limit_in_shares -1", "error: limit_cpu: --limit_in_shares takes a number from 0 to 18446744073709551615, not '-1'\n")]
    [InlineData("link h 4294967296", "error: link: there is no job 4294967296.\n")]
    [InlineData("link h", "error: link: JOB is missing.\n")]
    [InlineData("link h x", "error: link: JOB is a number, not 'x'.\n")]
    [InlineData("info --foo x", "error: info: there is no flag --foo; 'info --help' names them\n")]
    [InlineData("info --handle", "error: info: --handle needs a value\n")]
    [InlineData("link --handle h", "error: link: --job_id is required\n")]
    [InlineData("link --handle h --job_id -1", "error: link: --job_id takes a number from 0 to 4294967295, not '-1'\n")]
    [InlineData("net_out --handle h --protocol SCTP", "error: net_out: --protocol takes TCP or UDP or ICMP or ALL, not 'SCTP'\n")]
    [InlineData("create --bind_mounts[1].mode RO", "error: create: --bind_mounts[1].mode: bind_mounts[0] comes first\n")]
    [InlineData("create --bind_mounts[0].mode RO", "error: create: --bind_mounts[0].src_path is required\n")]
    [InlineData("create --bind_mounts x", "error: create: there is no flag --bind_mounts; 'create --help' names them\n")]
    public async Task A_failure_is_said_on_stderr_with_status_1(string line, string expected)
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (int status, string output, string error) = await OneShotAsync(server, [.. line.Split(' ')]);

        Assert.Equal((1, string.Empty, expected), (status, output, error));
    }

    [Fact]
    public async Task Where_nobody_listens_the_status_is_1()
    {
        using MemoryStream error = new();

        int status = await WardenCommandLine
            .RunOneShotAsync(new ReplOptions { Socket = "/nonexistent/warden.sock", Output = Stream.Null, Error = error }, ["ping"])
            .WaitAsync(Deadline);

        Assert.Equal(1, status);
        Assert.StartsWith("error: Cannot connect to /nonexistent/warden.sock: ", Encoding.UTF8.GetString(error.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_flag_of_a_command()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (_, string output, _) = await OneShotAsync(server, ["create", "--help"]);

        Assert.Equal(
            """
            create: Makes a container and answers with its handle.
            usage: create [bind_mount:SRC,DST,ro|rw]... [grace_time:SECONDS] [handle:H] [network:ADDRESS] [rootfs:DIR]
            usage: create --FIELD VALUE...
              --bind_mounts[N].src_path TEXT  (required)
              --bind_mounts[N].dst_path TEXT  (required)
              --bind_mounts[N].mode RO|RW     (required)
              --grace_time NUMBER
              --handle TEXT
              --network TEXT
              --rootfs TEXT

            """.ReplaceLineEndings("\n"),
            output);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (_, string output, _) = await OneShotAsync(server, ["help"]);

        Assert.All(CommandCatalogue.Rows, row => Assert.Contains($"  {row.Name} ", output, StringComparison.Ordinal));
        Assert.All(["net", "copy", "limit"], name => Assert.Contains($"  {name} HANDLE", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_that_is_none_or_a_server_that_is_none_is_an_error()
    {
        using MemoryStream error = new();
        ReplOptions options = new() { Socket = "host:0", Output = Stream.Null, Error = error, Input = TextReader.Null };

        Assert.Equal(1, await WardenCommandLine.RunOneShotAsync(options, []));
        Assert.Equal(1, await WardenCommandLine.RunOneShotAsync(options, ["ping"]));
        Assert.Equal(1, await WardenCommandLine.RunReplAsync(options));

        const string Port = "error: The port of 'host:0' is not from 1 to 65535.\n";
        Assert.Equal("error: no command\n" + Port + Port, Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public async Task A_cancelled_run_says_that_its_job_goes_on()
    {
        await using FakeServer server = new(request => request.Type == Message.Types.Type.Spawn
            ? request.AnswerAsync(new SpawnResponse { JobId = 9 })
            : Task.CompletedTask);
        using MemoryStream error = new();
        using CancellationTokenSource cancel = new();

        Task<int> running = WardenCommandLine.RunOneShotAsync(
            new ReplOptions { Socket = server.SocketPath, Output = Stream.Null, Error = error }, ["run", "h", "x"], cancel.Token);
        await Support.Deadline.UntilAsync("the server has the request", () => Task.FromResult(server.Received.Contains("Stream")));

        await cancel.CancelAsync();

        Assert.Equal(130, await running.WaitAsync(Deadline));
        Assert.Equal("job 9 goes on\n", Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public async Task A_trace_can_be_typed_again()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);
        using MemoryStream output = new();

        await WardenCommandLine.RunOneShotAsync(
            new ReplOptions { Socket = server.SocketPath, Trace = true, Output = output, Error = Stream.Null }, ["echo", "it's", "a  b"]);

        Assert.Equal("+ echo 'it'\\''s' 'a  b'\nit's a  b\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void Words_that_were_joined_split_into_the_same_words()
    {
        Bogus.Faker faker = Support.Seed.For(nameof(Words_that_were_joined_split_into_the_same_words));
        for (int i = 0; i < 500; i++)
        {
            string[] words = [.. faker.Make(faker.Random.Int(1, 5), () => faker.Random.String2(0, 8, "ab '\"\\\té"))];
            Assert.Equal(words, CommandWords.Split(CommandWords.Join(words)));
        }
    }

    [Fact]
    public void The_options_are_read_from_the_command_line()
    {
        Option<string> socket = WardenCommandLine.SocketOption();
        Option<bool> trace = WardenCommandLine.TraceOption();
        Option<bool> exit = WardenCommandLine.ExitOnErrorOption();
        RootCommand root = new() { socket, trace, exit };

        ParseResult none = root.Parse([]);
        ParseResult all = root.Parse(["--socket", "h:1", "--trace", "--exit_on_error"]);

        Assert.Equal(("/tmp/warden.sock", false, false), (none.GetValue(socket), none.GetValue(trace), none.GetValue(exit)));
        Assert.Equal(("h:1", true, true), (all.GetValue(socket), all.GetValue(trace), all.GetValue(exit)));
    }

    [Fact]
    public async Task A_repl_goes_on_after_errors_and_ends_with_its_input()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (int status, string output, string error) = await ReplAsync(server, "ping\n\n# a comment\ndestroy nope\necho 'a  b' \"c\"\necho 'open\nrun h false\nexit\nping\n");

        Assert.Equal(0, status);
        Assert.Equal("pong\na  b c\nout", output);
        Assert.Equal("error: unknown handle\nerror: a quote ' is not closed\nerr and moreexit status: 3\n", error);
    }

    [Fact]
    public async Task Trace_prints_each_command_and_exit_on_error_leaves_with_the_first_failure()
    {
        await using FakeServer server = new(FakeAnswers.AnswerAsync);

        (int status, string output, _) = await ReplAsync(server, "ping\nrun h false\nping\n", trace: true, exitOnError: true);

        Assert.Equal(3, status);
        Assert.Equal("+ ping\npong\n+ run h false\nout", output);
    }

    [Fact]
    public async Task An_interrupted_command_leaves_the_prompt_usable()
    {
        await using FakeServer server = new(request => request.Type == Message.Types.Type.Ping
            ? request.AnswerAsync(new PingResponse())
            : Task.CompletedTask);
        using MemoryStream output = new();
        using MemoryStream error = new();
        await using Repl repl = new(new WardenClient(server.SocketPath), new ReplStreams(output, error), new ReplOptions());
        using CancellationTokenSource deadline = new(Deadline);
        TypedLines lines = new("link h 1", "ping");

        Task<int> running = repl.RunAsync(lines, interruptible: true, deadline.Token);
        await Support.Deadline.UntilAsync("the server has the request", () => Task.FromResult(server.Received.Contains("Link")));

        repl.Interrupt();

        Assert.Equal(0, await running);
        Assert.Equal("pong\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal("interrupted\n", Encoding.UTF8.GetString(error.ToArray()));
    }

    private static async Task<(int Status, string Output, string Error)> OneShotAsync(FakeServer server, string[] words)
    {
        using MemoryStream output = new();
        bool joined = words[0] == "stream";
        using MemoryStream error = new();
        int status = await WardenCommandLine
            .RunOneShotAsync(
                new ReplOptions { Socket = server.SocketPath, Output = output, Error = joined ? output : error },
                words)
            .WaitAsync(Deadline);
        return (status, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    private static async Task<(int Status, string Output, string Error)> ReplAsync(
        FakeServer server, string input, bool trace = false, bool exitOnError = false)
    {
        using MemoryStream output = new();
        using MemoryStream error = new();
        using StringReader lines = new(input);
        ReplOptions options = new()
        {
            Socket = server.SocketPath,
            Trace = trace,
            ExitOnError = exitOnError,
            Input = lines,
            Output = output,
            Error = error,
        };
        int status = await WardenCommandLine.RunReplAsync(options).WaitAsync(Deadline);
        return (status, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    private sealed class TypedLines(params string[] lines) : ILineSource
    {
        private int _next;

        public Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken) =>
            Task.FromResult(_next < lines.Length ? lines[_next++] : null);
    }
}
