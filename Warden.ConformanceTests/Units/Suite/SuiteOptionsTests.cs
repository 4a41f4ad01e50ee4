using Warden.ConformanceTests.Runner;
using Xunit;

namespace Warden.ConformanceTests.Units.Suite;

/// <summary>The suite's own command line.</summary>
public sealed class SuiteOptionsTests
{
    [Fact]
    public void OptionsAndDirectoriesAreTold()
    {
        var options = SuiteOptions.Parse(["--target", "linux", "a", "--as", "vm:modern", "--filter", "NET*", "--shard", "2/3", "--known", "k", "--report", "r", "b"]);

        Assert.Equal(("linux", "vm:modern", "NET*", "k", "r"), (options.Target, options.Name, options.Filter, options.Known, options.Report));
        Assert.Equal("2/3", options.Shard);
        Assert.Equal(["a", "b"], options.Directories);
    }

    [Fact]
    public void PartsAndALimitAreTold()
    {
        var options = SuiteOptions.Parse(["--units", "Linux", "--limit", "90"]);

        Assert.Equal(("Linux", TimeSpan.FromSeconds(90)), (options.Units, options.Limit));
    }

    [Theory]
    [InlineData("--target")]
    [InlineData("--colour red")]
    [InlineData("--limit soon")]
    [InlineData("--limit 0")]
    public void AnythingElseIsRefused(string words) => Assert.Throws<CannotRunException>(() => SuiteOptions.Parse(words.Split(' ')));

    [Fact]
    public void ASocketsPathIsMadeWhole() =>
        Assert.Equal(Path.GetFullPath("a socket"), SuiteTarget.Parse("unix:a socket").SocketPath);

    [Theory]
    [InlineData("windows")]
    [InlineData("unix:")]
    [InlineData("")]
    public void AnUnknownTargetIsRefused(string target) => Assert.Throws<CannotRunException>(() => SuiteTarget.Parse(target));
}
