using System.Text;
using Google.Protobuf.Reflection;
using Warden.Spec.Commands;

namespace Warden.Spec.Cli;

/// <summary>Help, made from the catalogue and the messages' definitions.</summary>
internal static class CommandHelp
{
    /// <summary>Every command.</summary>
    internal static string All()
    {
        StringBuilder text = new("Commands, typed with their arguments:\n\n");
        foreach ((string name, PositionalSyntax.Usage usage) in PositionalSyntax.Commands)
        {
            foreach (string form in usage.Forms)
            {
                text.Append("  ").Append($"{name} {form}".TrimEnd()).Append('\n');
            }

            text.Append("      ").Append(usage.Summary ?? CommandCatalogue.Find(name)!.Summary).Append('\n');
        }

        text.Append("\nCommands, typed with flags (COMMAND --help names them):\n\n");
        int width = CommandCatalogue.Rows.Max(static row => row.Name.Length);
        foreach (CommandRow row in CommandCatalogue.Rows)
        {
            text.Append("  ").Append(row.Name.PadRight(width)).Append("  ").Append(row.Summary).Append('\n');
        }

        return text.Append("\nhelp [COMMAND] shows this, exit leaves.\n").ToString();
    }

    /// <summary>One command.</summary>
    /// <exception cref="CommandLineException">There is none of that name.</exception>
    internal static string Of(string name)
    {
        CommandRow? row = CommandCatalogue.Find(name);
        PositionalSyntax.Usage? usage = PositionalSyntax.Commands.GetValueOrDefault(name);
        if (row is null && usage is null)
        {
            throw new CommandLineException($"unknown command: {name}");
        }

        StringBuilder text = new();
        text.Append(name).Append(": ").Append(usage?.Summary ?? row!.Summary).Append('\n');
        foreach (string form in usage?.Forms ?? [])
        {
            text.Append("usage: ").Append($"{name} {form}".TrimEnd()).Append('\n');
        }

        if (row is not null)
        {
            AppendFlags(text, row);
        }

        return text.ToString();
    }

    private static void AppendFlags(StringBuilder text, CommandRow row)
    {
        List<(string Flag, FieldDescriptor Field)> flags =
        [
            .. FieldKinds.Flags(row.Request, "N").Select(static flag =>
                ($"--{flag.Path} {FieldKinds.Placeholder(flag.Field)}".TrimEnd(), flag.Field)),
        ];
        text.Append("usage: ").Append(row.Name).Append(flags.Count > 0 ? " --FIELD VALUE...\n" : "\n");
        int width = flags.Count == 0 ? 0 : flags.Max(static flag => flag.Flag.Length);
        foreach ((string flag, FieldDescriptor field) in flags)
        {
            text.Append("  ").Append(field.IsRequired ? flag.PadRight(width) + "  (required)" : flag).Append('\n');
        }
    }
}
