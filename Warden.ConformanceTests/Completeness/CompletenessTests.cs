using System.Reflection;
using Warden.ConformanceTests.Specifications;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Completeness;

/// <summary>The suite judges itself: nothing that is promised goes untested, and nothing is tested that is not promised.</summary>
public sealed class CompletenessTests
{
    private static readonly Assembly Suite = typeof(CompletenessTests).Assembly;

    private static IEnumerable<Type> Specifications => Suite.GetTypes()
        .Where(type => type.IsAbstract && type.IsSubclassOf(typeof(Specification)));

    private static IEnumerable<MethodInfo> Tests => Suite.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttributes<FactAttribute>().Any());

    [Fact]
    public void EveryClauseHasATest()
    {
        var tested = Tests.SelectMany(test => test.GetCustomAttributes<ClauseAttribute>()).Select(clause => clause.Id).ToHashSet();

        Assert.Empty(ClauseCatalogue.All.Select(clause => clause.Id).Where(id => !tested.Contains(id)));
    }

    [Fact]
    public void EveryTestOfASpecificationNamesItsClauses()
    {
        var unnamed = Tests
            .Where(test => test.DeclaringType!.Namespace!.StartsWith(typeof(Specification).Namespace!, StringComparison.Ordinal))
            .Where(test => !test.GetCustomAttributes<ClauseAttribute>().Any());

        Assert.Empty(unnamed.Select(test => $"{test.DeclaringType!.Name}.{test.Name}"));
    }

    [Fact]
    public void EveryClauseThatATestNamesExists()
    {
        var known = ClauseCatalogue.All.Select(clause => clause.Id).ToHashSet();
        var unknown = from test in Tests
                      from clause in test.GetCustomAttributes<ClauseAttribute>()
                      where !known.Contains(clause.Id)
                      select $"{test.DeclaringType!.Name}.{test.Name}: {clause.Id}";

        Assert.Empty(unknown);
    }

    [Fact]
    public void EveryRowOfTheCatalogueHasAMustClause()
    {
        var covered = ClauseCatalogue.All
            .Where(clause => clause.Level == ClauseLevel.Must)
            .SelectMany(clause => clause.AppliesTo.Commands)
            .ToHashSet();

        Assert.Empty(CommandCatalogue.Rows.Select(row => row.Type).Where(type => !covered.Contains(type)));
    }

    [Fact]
    public void EveryTypeOfTheProtocolHasARow() => Assert.Equal(
        Enum.GetValues<Message.Types.Type>().Where(type => type != Message.Types.Type.Error),
        CommandCatalogue.Rows.Select(row => row.Type).Order());

    [Fact]
    public void EverySpecificationHasASubclassForEveryTarget()
    {
        var missing = from specification in Specifications
                      from target in Target.All
                      let name = target.Name + specification.Name.Replace("Specification", "", StringComparison.Ordinal)
                      where !Suite.GetTypes().Any(type => type.Name == name && type.IsSubclassOf(specification))
                      select name;

        Assert.Empty(missing);
    }

    [Fact]
    public void ClausesAreNumberedOnceAndSayWhereTheyComeFrom()
    {
        Assert.Equal(ClauseCatalogue.All.Count, ClauseCatalogue.All.Select(clause => clause.Id).Distinct().Count());
        Assert.All(ClauseCatalogue.All, clause =>
        {
            Assert.Matches("^WRD-[A-Z0-9]+-[0-9]{3}$", clause.Id);
            Assert.EndsWith(".", clause.Sentence);
            Assert.StartsWith("§", clause.Section);
        });
    }
}
