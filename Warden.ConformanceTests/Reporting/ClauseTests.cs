using System.Reflection;
using Warden.ConformanceTests.Specifications;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Which tests prove a clause.</summary>
internal static class ClauseTests
{
    private static readonly Dictionary<string, List<string>> All = Find();

    /// <summary>The clauses that a test names.</summary>
    public static IEnumerable<string> ClausesOf(ITestMethod test) => test.Method
        .GetCustomAttributes(typeof(ClauseAttribute).AssemblyQualifiedName)
        .Select(attribute => attribute.GetNamedArgument<string>(nameof(ClauseAttribute.Id)));

    /// <summary>The clauses that one test names, of each test of the suite.</summary>
    public static IEnumerable<IReadOnlyList<string>> Together =>
        from type in typeof(ClauseTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        let clauses = method.GetCustomAttributes<ClauseAttribute>().Select(clause => clause.Id).ToList()
        where clauses.Count > 0
        select clauses;

    /// <summary>How the names of the tests end that prove a clause: <c>Stream.ATest</c>, whatever target's class runs it.</summary>
    public static IReadOnlyList<string> Of(string clauseId) => All.TryGetValue(clauseId, out var tests) ? tests : [];

    /// <summary>The tests that prove the clause and are not among those of these names; a theory has run where one case of it has.</summary>
    public static IReadOnlyList<string> Missing(string clauseId, IEnumerable<string> names)
    {
        var ran = names.Select(name => name.Split('(', 2)[0]).ToHashSet();
        return [.. Of(clauseId).Where(test => !ran.Any(name => name.EndsWith(test, StringComparison.Ordinal)))];
    }

    /// <summary>Tests of specifications run on every target and are what counts; a clause without one is proved by others.</summary>
    private static Dictionary<string, List<string>> Find()
    {
        var tests =
            from type in typeof(ClauseTests).Assembly.GetTypes()
            let isSpecification = type.IsAbstract && type.IsSubclassOf(typeof(Specification))
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            from clause in method.GetCustomAttributes<ClauseAttribute>()
            select (
                Clause: clause.Id,
                IsSpecification: isSpecification,
                Name: $"{type.Name.Replace("Specification", "", StringComparison.Ordinal)}.{method.Name}");
        return tests.GroupBy(test => test.Clause).ToDictionary(
            clause => clause.Key,
            clause => clause
                .Where(test => test.IsSpecification || !clause.Any(other => other.IsSpecification))
                .Select(test => test.Name)
                .ToList());
    }
}
