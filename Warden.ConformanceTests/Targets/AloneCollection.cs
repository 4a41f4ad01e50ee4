using Xunit;

namespace Warden.ConformanceTests.Targets;

/// <summary>Tests that take the whole machine: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
