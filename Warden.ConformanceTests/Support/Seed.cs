using Bogus;

namespace Warden.ConformanceTests.Support;

/// <summary>The seed of all random data. It is printed with the report; WARDEN_SEED repeats a run.</summary>
public static class Seed
{
    public static int Value { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("WARDEN_SEED"), out var seed) ? seed : Random.Shared.Next();

    /// <summary>Data for one test: the same seed and the same name give the same data, whatever else runs.</summary>
    public static Faker For(string name) => new() { Random = new Randomizer(Value ^ Hash(name)) };

    /// <summary>FNV-1a: string.GetHashCode differs from run to run.</summary>
    private static int Hash(string name) =>
        unchecked((int)name.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u));
}
