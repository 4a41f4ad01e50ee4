namespace Warden.ConformanceTests.Runner;

/// <summary>The words of a command line of the suite.</summary>
internal sealed record SuiteOptions
{
    public string? Target { get; init; }

    /// <summary>The target's name in the report; its own unless given.</summary>
    public string? Name { get; init; }

    public string? Filter { get; init; }

    /// <summary>Which part of those clauses, such as <c>2/8</c>.</summary>
    public string? Shard { get; init; }

    public string? Report { get; init; }

    /// <summary>A file of known differences beside the suite's own.</summary>
    public string? Known { get; init; }

    /// <summary>The namespace in Units whose tests, of the server's parts, run too.</summary>
    public string? Units { get; init; }

    /// <summary>How long tests may begin; those that have begun are waited for.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Directories of reports.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <exception cref="CannotRunException">A word is not understood.</exception>
    public static SuiteOptions Parse(IReadOnlyList<string> words)
    {
        var options = new SuiteOptions();
        for (var index = 0; index < words.Count; index++)
        {
            if (!words[index].StartsWith("--", StringComparison.Ordinal))
            {
                options = options with { Directories = [.. options.Directories, words[index]] };
                continue;
            }

            var name = words[index];
            var value = ++index < words.Count ? words[index] : throw new CannotRunException($"{name} wants a value");
            options = name switch
            {
                "--target" => options with { Target = value },
                "--as" => options with { Name = value },
                "--filter" => options with { Filter = value },
                "--shard" => options with { Shard = value },
                "--report" => options with { Report = value },
                "--known" => options with { Known = value },
                "--units" => options with { Units = value },
                "--limit" => options with { Limit = Seconds(name, value) },
                _ => throw new CannotRunException($"{name} is no option"),
            };
        }

        return options;
    }

    private static TimeSpan Seconds(string name, string value) => uint.TryParse(value, out var seconds) && seconds > 0
        ? TimeSpan.FromSeconds(seconds)
        : throw new CannotRunException($"{name} wants seconds, not \"{value}\"");
}
