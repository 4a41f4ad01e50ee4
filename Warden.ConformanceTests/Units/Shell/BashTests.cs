using System.Text;
using System.Text.RegularExpressions;
using Warden.Emulator.Machine;
using Xunit;

namespace Warden.ConformanceTests.Units.Shell;

/// <summary>
/// Scripts and what bash 5.2.15 made of them, byte for byte; process ids, and times, alone are compared by their places. The file is a list of
/// "%% script", "%% output", "%% error" and "%% status N" sections.
/// </summary>
public sealed partial class BashTests
{
    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        for (var i = 0; i < All.Count; i++)
        {
            data.Add(i, All[i].Script.Length > 60 ? All[i].Script[..60] : All[i].Script);
        }

        return data;
    }

    private static IReadOnlyList<Case> All { get; } = Load();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_script_does_what_bash_does(int index, string beginning)
    {
        Assert.StartsWith(beginning, All[index].Script, StringComparison.Ordinal);
        var (script, output, error, status) = All[index];
        var result = await ShellHarness.RunAsync(script);
        Assert.Equal(WithoutProcessIds(output), WithoutProcessIds(result.Output));
        Assert.Equal(WithoutProcessIds(error), WithoutProcessIds(result.Error));
        Assert.Equal(status, result.Status);
    }

    [Fact]
    public async Task Recursion_without_end_ends_the_shell_as_a_full_stack_does()
    {
        var result = await ShellHarness.RunAsync("bash -c 'f() { f; }; f'; echo $?\n");
        Assert.Equal("139\n", result.Output);
    }

    [Theory]
    [InlineData("while :; do :; done")]
    [InlineData("for ((;;)); do :; done")]
    [InlineData("until false; do x=$x; done")]
    public async Task A_loop_without_end_can_be_killed(string loop)
    {
        var result = await ShellHarness.RunAsync($"( {loop} ) & sleep 0.01; kill -9 $!; wait $! 2> /dev/null; echo $?\n");
        Assert.Equal("137\n", result.Output);
    }

    [Fact]
    public async Task Deep_nesting_is_parsed_and_run()
    {
        var script = string.Concat(Enumerable.Repeat("{ ", 2000)) + "echo deep" + string.Concat(Enumerable.Repeat("; }", 2000)) + "\n";
        var result = await ShellHarness.RunAsync(script);
        Assert.Equal(("deep\n", "", 0), (result.Output, result.Error, result.Status));
    }

    [Fact]
    public async Task Bytes_pass_through_untouched()
    {
        var bytes = ByteText.FromBytes([.. Enumerable.Range(1, 255).Where(static b => b is not ('\'' or '\n')).Select(static b => (byte)b)]);
        var result = await ShellHarness.RunAsync($"x='{bytes}'\nprintf %s \"$x\"\n");
        Assert.Equal(bytes, result.Output);
    }

    private static string WithoutProcessIds(string text) =>
        Times().Replace(Listed().Replace(Killed().Replace(Missing().Replace(text, "(PID)"), "$1PID "), "PID "), "$1TIME");

    /// <summary>What <c>time</c> tells: how long it took is the machine's affair.</summary>
    [GeneratedRegex(@"^(real|user|sys)\t\d+m\d+\.\d{3}s$", RegexOptions.Multiline)]
    private static partial Regex Times();

    [GeneratedRegex(@"(line \d+: ) *\d+ (?=\S)(?=[A-Z])")]
    private static partial Regex Killed();

    [GeneratedRegex(@"\(\d{3,6}\)")]
    private static partial Regex Missing();

    [GeneratedRegex(@"^ +\d{1,6} (?=Killed|Done|Term)", RegexOptions.Multiline)]
    private static partial Regex Listed();

    private static List<Case> Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Units", "Shell", "bash-5.2.cases");
        var cases = new List<Case>();
        var sections = new Dictionary<string, StringBuilder>();
        var section = "";
        foreach (var line in Encoding.Latin1.GetString(File.ReadAllBytes(path)).Split('\n'))
        {
            if (line.StartsWith("%% status ", StringComparison.Ordinal))
            {
                cases.Add(new(sections["script"].ToString(), sections["output"].ToString(), sections["error"].ToString(), int.Parse(line[10..])));
                sections.Clear();
            }
            else if (line.StartsWith("%% ", StringComparison.Ordinal))
            {
                section = line[3..];
                sections[section] = new();
            }
            else if (sections.TryGetValue(section, out var text))
            {
                text.Append(line).Append('\n');
            }
        }

        return cases;
    }

    private sealed record Case(string Script, string Output, string Error, int Status);
}
