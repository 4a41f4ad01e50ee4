using System.Text;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>What the operations of a parameter expansion do to its value.</summary>
internal sealed partial class Expander
{
    // Stands for the match in a replacement; no byte has this number.
    private const char MatchMark = '\u0100';

    private async ValueTask<List<string>> SliceAsync(ParameterPart part, Parameter parameter)
    {
        var offset = await EvaluateAsync(part.Operand!);
        long? length = part.SecondOperand is null ? null : await EvaluateAsync(part.SecondOperand);
        if (length < 0)
        {
            throw new ShellErrorException($"{part.SecondOperand!.Source}: substring expression < 0");
        }

        if (part.Name is "@" or "*")
        {
            var all = new List<string> { shell.ProgramName };
            all.AddRange(parameter.List!);
            if (offset < 0)
            {
                offset += all.Count;
            }

            return offset < 0 ? [] : Take(offset == 0 ? all : all, offset, length);
        }

        var variable = parameter.Variable;
        if (variable?.Indexed is not null)
        {
            if (offset < 0)
            {
                offset += variable.Indexed.Count == 0 ? 0 : variable.Indexed.Keys.Last() + 1;
            }

            if (offset < 0)
            {
                return [];
            }

            var from = variable.Indexed.Where(element => element.Key >= offset).Select(static element => element.Value);
            return length is null ? [.. from] : [.. from.Take((int)Math.Min(length.Value, int.MaxValue))];
        }

        return Take(parameter.List!, offset < 0 ? offset + parameter.List!.Count : offset, length);
    }

    private static List<string> Take(List<string> values, long offset, long? length)
    {
        if (offset < 0 || offset >= values.Count)
        {
            return [];
        }

        var count = Math.Min(length ?? int.MaxValue, values.Count - offset);
        return values.GetRange((int)offset, (int)count);
    }

    /// <summary>The change that an operation makes to each value; its operands are expanded once.</summary>
    private async ValueTask<Func<string, string>> PrepareAsync(ParameterPart part)
    {
        var ignoreCase = shell.Options.NoCaseMatch;
        switch (part.Operation)
        {
            case ParameterOperation.None:
                return static value => value;
            case ParameterOperation.RemovePrefix or ParameterOperation.RemoveLongestPrefix
                or ParameterOperation.RemoveSuffix or ParameterOperation.RemoveLongestSuffix:
                var pattern = await ExpandPatternAsync(part.Operand!);
                return value => Remove(value, pattern, part.Operation);
            case ParameterOperation.ReplaceFirst or ParameterOperation.ReplaceAll or ParameterOperation.ReplacePrefix or ParameterOperation.ReplaceSuffix:
                var search = await ExpandPatternAsync(part.Operand!);
                var replacement = part.SecondOperand is null ? "" : await ExpandReplacementAsync(part.SecondOperand);
                return value => Replace(value, search, replacement, part.Operation, ignoreCase);
            case ParameterOperation.Substring:
                var offset = await EvaluateAsync(part.Operand!);
                long? length = part.SecondOperand is null ? null : await EvaluateAsync(part.SecondOperand);
                return value => Substring(value, offset, length, part.SecondOperand?.Source);
            case ParameterOperation.Transform:
                return value => Transform(value, part.Operand!.Source[0]);
            default:
                var which = part.Operand is { Parts.Count: > 0 } ? await ExpandPatternAsync(part.Operand) : "?";
                return value => ChangeCase(value, which, part.Operation);
        }
    }

    private static string Substring(string value, long offset, long? length, string? lengthSource)
    {
        if (offset < 0)
        {
            offset += value.Length;
        }

        if (offset < 0 || offset > value.Length)
        {
            return "";
        }

        var end = length is null ? value.Length : length < 0 ? value.Length + length.Value : Math.Min(value.Length, offset + length.Value);
        if (end < offset)
        {
            throw new ShellErrorException($"{lengthSource}: substring expression < 0");
        }

        return value[(int)offset..(int)end];
    }

    private string Remove(string value, string pattern, ParameterOperation operation)
    {
        var extended = shell.Options.ExtendedPatterns;
        switch (operation)
        {
            case ParameterOperation.RemovePrefix:
                for (var i = 0; i <= value.Length; i++)
                {
                    if (PatternMatcher.IsMatch(pattern, value.AsSpan(0, i), extended))
                    {
                        return value[i..];
                    }
                }

                return value;
            case ParameterOperation.RemoveLongestPrefix:
                for (var i = value.Length; i >= 0; i--)
                {
                    if (PatternMatcher.IsMatch(pattern, value.AsSpan(0, i), extended))
                    {
                        return value[i..];
                    }
                }

                return value;
            case ParameterOperation.RemoveSuffix:
                for (var i = value.Length; i >= 0; i--)
                {
                    if (PatternMatcher.IsMatch(pattern, value.AsSpan(i), extended))
                    {
                        return value[..i];
                    }
                }

                return value;
            default:
                for (var i = 0; i <= value.Length; i++)
                {
                    if (PatternMatcher.IsMatch(pattern, value.AsSpan(i), extended))
                    {
                        return value[..i];
                    }
                }

                return value;
        }
    }

    private async ValueTask<string> ExpandReplacementAsync(Word word)
    {
        var sink = new FieldSink(null, ' ', false);
        await ExpandTildeAndPartsAsync(word, sink, assignment: false);
        if (!shell.Options.PatternReplacement)
        {
            return sink.Text;
        }

        var escaped = sink.Escape("&\\");
        var result = new StringBuilder();
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] == '\\' && i + 1 < escaped.Length && escaped[i + 1] is '&' or '\\')
            {
                result.Append(escaped[++i]);
            }
            else
            {
                result.Append(escaped[i] == '&' ? MatchMark : escaped[i]);
            }
        }

        return result.ToString();
    }

    private string Replace(string value, string pattern, string replacement, ParameterOperation operation, bool ignoreCase)
    {
        if (pattern.Length == 0)
        {
            return operation switch
            {
                ParameterOperation.ReplacePrefix => replacement + value,
                ParameterOperation.ReplaceSuffix => value + replacement,
                _ => value,
            };
        }

        var extended = shell.Options.ExtendedPatterns;
        if (operation == ParameterOperation.ReplacePrefix)
        {
            var length = LongestAt(value, 0, pattern, extended, ignoreCase);
            return length < 0 ? value : Substitute(replacement, value[..length]) + value[length..];
        }

        if (operation == ParameterOperation.ReplaceSuffix)
        {
            for (var i = 0; i <= value.Length; i++)
            {
                if (PatternMatcher.IsMatch(pattern, value.AsSpan(i), extended, ignoreCase))
                {
                    return value[..i] + Substitute(replacement, value[i..]);
                }
            }

            return value;
        }

        // A pattern without special characters is searched as it is.
        if (!ignoreCase && !PatternMatcher.HasSpecial(pattern, extended))
        {
            var plain = PatternMatcher.Unescape(pattern);
            if (operation == ParameterOperation.ReplaceAll)
            {
                return value.Replace(plain, Substitute(replacement, plain), StringComparison.Ordinal);
            }

            var at = value.IndexOf(plain, StringComparison.Ordinal);
            return at < 0 ? value : value[..at] + Substitute(replacement, plain) + value[(at + plain.Length)..];
        }

        var result = new StringBuilder();
        for (var at = 0; at <= value.Length;)
        {
            var length = LongestAt(value, at, pattern, extended, ignoreCase);
            if (length > 0 || (length == 0 && value.Length == 0))
            {
                result.Append(Substitute(replacement, value.Substring(at, length)));
                at += length;
                if (operation == ParameterOperation.ReplaceFirst || value.Length == 0)
                {
                    return result.Append(value, at, value.Length - at).ToString();
                }
            }
            else
            {
                if (at < value.Length)
                {
                    result.Append(value[at]);
                }

                at++;
            }
        }

        return result.ToString();
    }

    private static string Substitute(string replacement, string match) =>
        replacement.Contains(MatchMark) ? replacement.Replace(MatchMark.ToString(), match, StringComparison.Ordinal) : replacement;

    private static int LongestAt(string value, int at, string pattern, bool extended, bool ignoreCase)
    {
        // One that takes exactly one character needs no search.
        if (pattern is "?" || (pattern[0] == '[' && pattern.IndexOf(']', Math.Min(2, pattern.Length)) == pattern.Length - 1))
        {
            return at < value.Length && PatternMatcher.IsMatch(pattern, value.AsSpan(at, 1), extended, ignoreCase) ? 1 : -1;
        }

        for (var length = value.Length - at; length >= 0; length--)
        {
            if (PatternMatcher.IsMatch(pattern, value.AsSpan(at, length), extended, ignoreCase))
            {
                return length;
            }
        }

        return -1;
    }

    private static string ChangeCase(string value, string pattern, ParameterOperation operation)
    {
        var first = operation is ParameterOperation.UpperFirst or ParameterOperation.LowerFirst or ParameterOperation.ToggleFirst;
        var result = new StringBuilder(value);
        for (var i = 0; i < (first ? Math.Min(1, value.Length) : value.Length); i++)
        {
            var c = value[i];
            if (!char.IsAsciiLetter(c) || !PatternMatcher.IsMatch(pattern, value.AsSpan(i, 1), true))
            {
                continue;
            }

            result[i] = operation switch
            {
                ParameterOperation.UpperFirst or ParameterOperation.UpperAll => char.ToUpperInvariant(c),
                ParameterOperation.LowerFirst or ParameterOperation.LowerAll => char.ToLowerInvariant(c),
                _ => (char)(c ^ 0x20),
            };
        }

        return result.ToString();
    }

    private static string Transform(string value, char letter) => letter switch
    {
        'Q' => Quoting.Single(value),
        'U' => ChangeCase(value, "?", ParameterOperation.UpperAll),
        'u' => ChangeCase(value, "?", ParameterOperation.UpperFirst),
        'L' => ChangeCase(value, "?", ParameterOperation.LowerAll),
        'E' => AnsiQuoting.Decode(value),
        'K' or 'k' => Quoting.Single(value),
        _ => value,
    };

    /// <summary>Transformations of the parameter rather than of its values; null for the others.</summary>
    private List<string>? TransformWhole(ParameterPart part, Parameter parameter)
    {
        var letter = part.Operand!.Source[0];
        var variable = parameter.Variable;
        switch (letter)
        {
            case 'a':
                return variable is null
                    ? parameter.List is null ? [""] : []
                    : parameter.List is null ? [Declarations.Letters(variable)] : [.. parameter.List.Select(_ => Declarations.Letters(variable))];
            case 'A' when variable is not null:
                return [Declarations.Assignment(variable, parameter.List is null)];
            case 'A' when part.Name is "@" or "*":
                return ["set -- " + string.Join(' ', shell.Positional.Select(Quoting.Single))];
            case 'K' when variable is not null && variable.IsArray && parameter.List is not null:
                return [string.Join(' ', variable.Elements().Select(static e => $"{Quoting.WhereNeeded(e.Key)} {Quoting.Double(e.Value)}"))];
            case 'k' when variable is not null && variable.IsArray && parameter.List is not null:
                return [.. variable.Elements().SelectMany(static e => new[] { e.Key, e.Value })];
            default:
                return null;
        }
    }
}
