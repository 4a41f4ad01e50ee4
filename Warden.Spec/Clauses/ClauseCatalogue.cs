namespace Warden.Spec.Clauses;

/// <summary>All clauses of the protocol.</summary>
public static class ClauseCatalogue
{
    /// <summary>Every clause, in the order of the protocol reference.</summary>
    public static IReadOnlyList<Clause> All { get; } =
    [
        .. TransportClauses.All,
        .. ContainerClauses.All,
        .. LifecycleClauses.All,
        .. JobClauses.All,
        .. NetworkClauses.All,
        .. LimitClauses.All,
        .. ServerClauses.All,
        .. ClientClauses.All,
    ];

    /// <summary>The clause of an id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static Clause Get(string id) =>
        All.FirstOrDefault(clause => clause.Id == id) ?? throw new KeyNotFoundException($"there is no clause {id}");
}
