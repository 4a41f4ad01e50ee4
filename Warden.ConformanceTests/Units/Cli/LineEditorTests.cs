using Warden.Spec.Cli;
using Warden.Spec.Cli.Editing;
using Xunit;

namespace Warden.ConformanceTests.Units.Cli;

public sealed class LineEditorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("ping\n", "ping")]
    [InlineData("pin\x01x\x05g\n", "xping")]
    [InlineData("one two\x17three\n", "one three")]
    [InlineData("one two\x15x\n", "x")]
    [InlineData("abc\x02\x02\x0bX\x19\n", "aXbc")]
    [InlineData("abc\x02\x04\n", "ab")]
    [InlineData("a😀\bb\n", "ab")]
    [InlineData("gone\x03", "")]
    [InlineData("\x04", null)]
    [InlineData("", null)]
    public async Task Keys_edit_the_line(string keys, string? expected) =>
        Assert.Equal(expected, (await TypeAsync(keys)).Line);

    [Fact]
    public async Task History_is_recalled_and_kept_in_its_file()
    {
        string path = Path.Combine(Path.GetTempPath(), $"history-{Guid.NewGuid():N}");
        try
        {
            await TypeAsync("first\n", new LineHistory(path));
            await TypeAsync("second\n", new LineHistory(path));
            LineHistory history = new(path);

            Assert.Equal("first!", (await TypeAsync("unfinished\x10\x10!\n", history)).Line);
            Assert.Equal("unfinished", (await TypeAsync("unfinished\x10\x10\x0e\x0e\n", history)).Line);
            Assert.Equal(["first", "second", "first!", "unfinished"], await File.ReadAllLinesAsync(path));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("pi\t\n", "ping ")]
    [InlineData("info al\t\n", "info alpha ")]
    [InlineData("info b\t\n", "info beta-")]
    [InlineData("info --handle al\t\n", "info --handle alpha ")]
    [InlineData("net_out --proto\tu\t\n", "net_out --protocol u")]
    [InlineData("net_out --proto\tU\t\n", "net_out --protocol UDP ")]
    [InlineData("create --bind_mounts[0].s\t\n", "create --bind_mounts[0].src_path ")]
    [InlineData("limit alpha m\t\n", "limit alpha mem ")]
    [InlineData("zzz\t\n", "zzz")]
    public async Task Tab_completes(string keys, string expected) =>
        Assert.Equal(expected, (await TypeAsync(keys)).Line);

    [Fact]
    public async Task A_second_tab_lists_what_is_possible()
    {
        (string? _, FakeTerminal terminal) = await TypeAsync("info b\t\t\n");

        Assert.Contains("beta-1  beta-2\n", terminal.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_longer_than_the_terminal_stays_on_one_row()
    {
        (string? line, FakeTerminal terminal) = await TypeAsync(new string('x', 500) + "\n");

        Assert.Equal(500, line!.Length);
        Assert.All(terminal.Written.Split('\r', '\n'), static row => Assert.InRange(row.Length, 0, 39));
    }

    private static async Task<(string? Line, FakeTerminal Terminal)> TypeAsync(string keys, LineHistory? history = null)
    {
        FakeTerminal terminal = new(keys);
        CommandCompleter completer = new(static _ => Task.FromResult<IReadOnlyList<string>>(["alpha", "beta-1", "beta-2"]));
        LineEditor editor = new(terminal, history ?? new LineHistory(null), completer);
        return (await editor.ReadLineAsync(Repl.Prompt, CancellationToken.None).WaitAsync(Deadline), terminal);
    }

    private sealed class FakeTerminal(string keys) : ILineTerminal
    {
        private int _next;

        public string Written { get; private set; } = string.Empty;

        public int Width => 40;

        public void Begin()
        {
        }

        public void End()
        {
        }

        public Task<ConsoleKeyInfo?> ReadKeyAsync(CancellationToken cancellationToken)
        {
            if (_next == keys.Length)
            {
                return Task.FromResult<ConsoleKeyInfo?>(null);
            }

            char c = keys[_next++];
            ConsoleKeyInfo key = c switch
            {
                '\n' => new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false),
                '\t' => new ConsoleKeyInfo(c, ConsoleKey.Tab, false, false, false),
                < ' ' => new ConsoleKeyInfo(c, ConsoleKey.A + (c - 1), false, false, true),
                _ => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false),
            };
            return Task.FromResult<ConsoleKeyInfo?>(key);
        }

        public void Write(string text) => Written += text;

        public void Clear() => Written += "(clear)";
    }
}
