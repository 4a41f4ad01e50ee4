using Warden.Spec.Cli;
using Warden.Spec.Cli.Editing;
using Xunit;

namespace Warden.ConformanceTests.Units.Cli;

public sealed class LineEditorTests
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    [Theory]
    [InlineData("ping\n", "ping")]
    [InlineData("pin\x01x\x05g\n", "xping")]
    [InlineData("one two\x17three\n", "one three")]
    [InlineData("one two\x15x\n", "x")]
    [InlineData("abc\x02\x02\x0bX\x19\n", "aXbc")]
    [InlineData("abc\x02\x04\n", "ab")]
    [InlineData("a😀\bb\n", "ab")]
    [InlineData("bc←←a→X↓\n", "abXc")]
    [InlineData("b⇱a⇲c\n", "abc")]
    [InlineData("abc←⌫⌦\n", "a")]
    [InlineData("one two⇐X⇐⇐Y\n", "Yone Xtwo")]
    [InlineData("one two⇱⇒X⇒Y\n", "oneX twoY")]
    [InlineData("one two«X»Y⌥\n", "one ")]
    [InlineData("one\x02\x02\x01\x06X\x0aignored\n", "oXne")]
    [InlineData("up\x0c↑↑s\n", "ups")]
    [InlineData("a¤\n", "aä")]
    [InlineData("中文\b字\n", "中字")]
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

    [Fact]
    public async Task A_history_is_trimmed_and_one_that_cannot_be_kept_costs_nothing()
    {
        string directory = Directory.CreateTempSubdirectory("history-").FullName;
        try
        {
            string path = Path.Combine(directory, "lines");
            await File.WriteAllLinesAsync(path, Enumerable.Range(0, 2500).Select(static i => $"line {i}"));
            LineHistory history = new(path);
            Assert.Equal(("line 1500", 1000), (history[0], history.Count));
            Assert.Equal(1000, (await File.ReadAllLinesAsync(path)).Length);

            LineHistory nowhere = new(Path.Combine(directory, "lines", "below a file"));
            nowhere.Add("kept in memory");
            nowhere.Add("kept in memory");
            nowhere.Add("  ");
            Assert.Equal(1, nowhere.Count);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("help net_\t\n", "help net_")]
    [InlineData("list x\t\n", "list x")]
    [InlineData("limit alpha mem 1\t\n", "limit alpha mem 1")]
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
        private static readonly Dictionary<char, ConsoleKeyInfo> Special = new()
        {
            ['←'] = Key(ConsoleKey.LeftArrow),
            ['→'] = Key(ConsoleKey.RightArrow),
            ['↑'] = Key(ConsoleKey.UpArrow),
            ['↓'] = Key(ConsoleKey.DownArrow),
            ['⇱'] = Key(ConsoleKey.Home),
            ['⇲'] = Key(ConsoleKey.End),
            ['⌦'] = Key(ConsoleKey.Delete),
            ['⌫'] = Key(ConsoleKey.Backspace),
            ['⇐'] = Key(ConsoleKey.LeftArrow, control: true),
            ['⇒'] = Key(ConsoleKey.RightArrow, control: true),
            ['«'] = Key(ConsoleKey.B, alt: true),
            ['»'] = Key(ConsoleKey.F, alt: true),
            ['⌥'] = Key(ConsoleKey.Backspace, alt: true),
            ['¤'] = new ConsoleKeyInfo('ä', ConsoleKey.None, false, alt: true, false),
        };

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
                '\b' => new ConsoleKeyInfo(c, ConsoleKey.Backspace, false, false, false),
                _ when Special.TryGetValue(c, out ConsoleKeyInfo special) => special,
                < ' ' => new ConsoleKeyInfo(c, ConsoleKey.A + (c - 1), false, false, true),
                _ => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false),
            };
            return Task.FromResult<ConsoleKeyInfo?>(key);
        }

        public void Write(string text) => Written += text;

        private static ConsoleKeyInfo Key(ConsoleKey key, bool alt = false, bool control = false) => new('\0', key, false, alt, control);

        public void Clear() => Written += "(clear)";
    }
}
