using Google.Protobuf.Reflection;
using Warden.Spec.Cli.Editing;
using Warden.Spec.Client;
using Warden.Spec.Commands;

namespace Warden.Spec.Cli;

/// <summary>Completes names of commands, handles of the server's containers, flags, and the words of net, copy and limit.</summary>
/// <param name="handles">Asks the server for its handles.</param>
internal sealed class CommandCompleter(Func<CancellationToken, Task<IReadOnlyList<string>>> handles) : ICompleter
{
    private static readonly string[] Builtins = ["help", "exit"];

    // Somebody waits at the keyboard: a server that is this slow completes nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<Completion> CompleteAsync(string line, CancellationToken cancellationToken)
    {
        int start = line.Length;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]))
        {
            start--;
        }

        string[] before = line[..start].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string word = line[start..];
        IEnumerable<string> candidates = before.Length == 0
            ? Names()
            : await ArgumentsAsync(before, word, cancellationToken).ConfigureAwait(false);
        string[] matching =
        [
            .. candidates.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        return new Completion(start, matching);
    }

    private static IEnumerable<string> Names() =>
        PositionalSyntax.Commands.Keys.Concat(CommandCatalogue.Rows.Select(static row => row.Name)).Concat(Builtins);

    private async Task<IEnumerable<string>> ArgumentsAsync(string[] before, string word, CancellationToken cancellationToken)
    {
        string command = before[0];
        if (command == "help")
        {
            return before.Length == 1 ? Names() : [];
        }

        if (before[^1] == "--handle" && command != "create")
        {
            return await HandlesAsync(cancellationToken).ConfigureAwait(false);
        }

        if (CommandCatalogue.Find(command) is { } row)
        {
            if (word.StartsWith(FlagFields.Prefix, StringComparison.Ordinal))
            {
                return FieldKinds.Flags(row.Request, "0").Select(static flag => FlagFields.Prefix + flag.Path).Append(FlagFields.HelpFlag);
            }

            if (EnumOf(row, before[^1]) is { } type)
            {
                return type.Values.Select(static value => value.Name);
            }
        }

        if (!PositionalSyntax.Commands.TryGetValue(command, out PositionalSyntax.Usage? usage) || !usage.TakesHandle)
        {
            return [];
        }

        return before.Length switch
        {
            1 => await HandlesAsync(cancellationToken).ConfigureAwait(false),
            2 => usage.Words ?? [],
            _ => [],
        };
    }

    private static EnumDescriptor? EnumOf(CommandRow row, string flag)
    {
        foreach ((string path, FieldDescriptor field) in FieldKinds.Flags(row.Request, "0"))
        {
            if (field.FieldType == FieldType.Enum && flag == FlagFields.Prefix + path)
            {
                return field.EnumType;
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<string>> HandlesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await handles(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is WardenErrorException or WardenConnectionException or TimeoutException)
        {
            return [];
        }
    }
}
