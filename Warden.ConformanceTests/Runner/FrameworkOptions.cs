using Xunit.Abstractions;

namespace Warden.ConformanceTests.Runner;

/// <summary>What xunit is told: the settings that xunit.runner.json gives to other runners.</summary>
internal sealed class FrameworkOptions : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = new()
    {
        ["xunit.discovery.PreEnumerateTheories"] = true,
        ["xunit.execution.MaxParallelThreads"] = Parallel(),
    };

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out var value) ? (TValue)value! : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;

    /// <summary>How many tests run at a time: WARDEN_PARALLEL, 6 unless set.</summary>
    private static int Parallel() =>
        int.TryParse(Environment.GetEnvironmentVariable("WARDEN_PARALLEL"), out var threads) && threads > 0 ? threads : 6;
}
