using Xunit;

namespace Warden.ConformanceTests.Units.Programs;

/// <summary>The emulated programs print what the real ones print.</summary>
public sealed class ProgramTests
{
    public static TheoryData<string, int> Recorded()
    {
        var data = new TheoryData<string, int>();
        for (var i = 0; i < ProgramExpectations.Cases.Count; i++)
        {
            data.Add(string.Join(" ;; ", ProgramExpectations.Cases[i].Run.Select(r => string.Join(' ', r))), i);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded), DisableDiscoveryEnumeration = true)]
    public async Task It_prints_what_the_real_program_prints(string commands, int index)
    {
        var expected = ProgramExpectations.Cases[index];
        using var runner = new ProgramRunner();
        var (output, errors, status) = await runner.RunAsync(ProgramExpectations.Files, expected.Run, expected.Stdin ?? "");
        string Ordered(string? text) => !expected.Unordered ? text ?? "" : string.Join('\n', (text ?? "").Split('\n').Order(StringComparer.Ordinal));
        var wanted = $"{Ordered(expected.Out)}\nstderr: {Ordered(expected.Err)}\nstatus {expected.Status}";
        var found = $"{Ordered(output)}\nstderr: {Ordered(errors)}\nstatus {status}";
        Assert.True(wanted == found, $"{commands}\nexpected:\n{wanted}\nfound:\n{found}");
    }
}
