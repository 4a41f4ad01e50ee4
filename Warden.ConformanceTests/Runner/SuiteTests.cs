using System.Reflection;
using Warden.ConformanceTests.Reporting;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Runner;

/// <summary>
/// Finds the tests of a run. xunit is asked for the classes that have some, one by one: it looks at every case of every theory of what it is
/// asked for, which takes minutes where every instruction is emulated.
/// </summary>
internal static class SuiteTests
{
    private const string Units = "Warden.ConformanceTests.Units.";

    /// <summary>The tests of the clauses that are asked for.</summary>
    public static async Task<IReadOnlyList<ITestCase>> OfClausesAsync(
        ConformanceFramework framework, FrameworkOptions options, SuiteTarget target, ClauseFilter clauses)
    {
        var types = Types().Where(type => target.Owns(type) && Tests(type).Any(test => Names(test).Any(clauses.Includes)));
        var cases = await DiscoverAsync(framework, options, types);
        return [.. cases.Where(test => ClauseTests.ClausesOf(test.TestMethod).Any(clauses.Includes))];
    }

    /// <summary>The tests of parts in a namespace of Units.</summary>
    /// <exception cref="CannotRunException">There are none.</exception>
    public static async Task<IReadOnlyList<ITestCase>> OfUnitsAsync(ConformanceFramework framework, FrameworkOptions options, string name)
    {
        var types = Types()
            .Where(type => $"{type.Namespace}.".StartsWith($"{Units}{name}.", StringComparison.Ordinal) && Tests(type).Any())
            .ToList();
        return types.Count > 0
            ? await DiscoverAsync(framework, options, types)
            : throw new CannotRunException($"there are no tests in {Units}{name}");
    }

    private static IEnumerable<Type> Types() =>
        typeof(SuiteTests).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false });

    private static IEnumerable<MethodInfo> Tests(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
            .Where(method => method.IsDefined(typeof(Xunit.FactAttribute)));

    private static IEnumerable<string> Names(MethodInfo test) => test.GetCustomAttributes<ClauseAttribute>().Select(clause => clause.Id);

    private static async Task<IReadOnlyList<ITestCase>> DiscoverAsync(
        ConformanceFramework framework, FrameworkOptions options, IEnumerable<Type> types)
    {
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(typeof(SuiteTests).Assembly));
        var cases = new List<ITestCase>();
        foreach (var type in types)
        {
            var sink = new DiscoverySink();
            discoverer.Find(type.FullName, false, sink, options);
            cases.AddRange(await sink.Cases);
        }

        return cases;
    }
}
