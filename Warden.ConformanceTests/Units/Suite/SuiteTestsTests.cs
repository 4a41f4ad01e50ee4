using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Runner;
using Xunit;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Units.Suite;

/// <summary>Which tests a run has, and when it ends.</summary>
public sealed class SuiteTestsTests : IDisposable
{
    private static readonly SuiteTarget Linux = SuiteTarget.Parse("linux");
    private readonly ConformanceFramework _framework = new(new Xunit.Sdk.NullMessageSink());

    [Fact]
    public async Task ARunHasTheTestsOfItsClausesOnItsTarget()
    {
        var cases = await SuiteTests.OfClausesAsync(_framework, new FrameworkOptions(), Linux, ClauseFilter.Parse("WRD-PING-001"));

        Assert.NotEmpty(cases);
        Assert.All(cases, test => Assert.StartsWith("Warden.ConformanceTests.Targets.Linux", test.TestMethod.TestClass.Class.Name, StringComparison.Ordinal));
        Assert.All(cases, test => Assert.Contains("WRD-PING-001", ClauseTests.ClausesOf(test.TestMethod)));
    }

    [Fact]
    public async Task EveryCaseOfATheoryIsATest()
    {
        var cases = await SuiteTests.OfUnitsAsync(_framework, new FrameworkOptions(), "Suite");

        Assert.True(cases.Count(test => test.TestMethod.Method.Name == nameof(SuiteOptionsTests.AnUnknownTargetIsRefused)) == 3);
        Assert.Contains(cases, test => test.TestMethod.Method.Name == nameof(EveryCaseOfATheoryIsATest));
    }

    [Fact]
    public async Task PartsThatAreNotThereAreRefused()
    {
        var refusal = await Assert.ThrowsAsync<CannotRunException>(() => SuiteTests.OfUnitsAsync(_framework, new FrameworkOptions(), "Suit"));

        Assert.Equal("there are no tests in Warden.ConformanceTests.Units.Suit", refusal.Message);
    }

    [Fact]
    public void AfterTheLimitNoTestBeginsAndTheRunSaysHowManyHaveNot()
    {
        var sink = new RunSink(3, TimeSpan.Zero);
        var assembly = new TestAssembly(Reflector.Wrap(typeof(SuiteTestsTests).Assembly));

        Assert.False(sink.OnMessage(new TestAssemblyFinished([], assembly, 0, 0, 0, 0)));
        Assert.Equal(["3 of 3 tests have not run: the limit of 0 s was over"], sink.Faults);
        Assert.True(sink.Done.IsCompletedSuccessfully);
    }

    [Fact]
    public void WithoutALimitARunThatEndedHasNoFault()
    {
        var sink = new RunSink(0, null);
        var assembly = new TestAssembly(Reflector.Wrap(typeof(SuiteTestsTests).Assembly));

        Assert.True(sink.OnMessage(new TestAssemblyFinished([], assembly, 0, 0, 0, 0)));
        Assert.Empty(sink.Faults);
    }

    public void Dispose() => _framework.Dispose();
}
