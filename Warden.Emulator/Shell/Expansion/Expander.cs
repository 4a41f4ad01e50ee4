using System.Text;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>Expands words (bash(1), EXPANSION).</summary>
internal sealed partial class Expander(Interpreter shell)
{
    /// <summary>All expansions: each word becomes any number of fields.</summary>
    public async ValueTask<List<string>> ExpandWordsAsync(IReadOnlyList<Word> words)
    {
        var result = new List<string>(words.Count);
        foreach (var word in words)
        {
            await ExpandWordAsync(word, result);
        }

        return result;
    }

    public ValueTask ExpandWordAsync(Word word, List<string> result)
    {
        if (word.Constant is { } constant)
        {
            result.Add(constant);
            return default;
        }

        return ExpandVariableWordAsync(word, result);
    }

    private async ValueTask ExpandVariableWordAsync(Word word, List<string> result)
    {
        var braces = shell.Options.BraceExpansion ? word.Braces : [word];
        foreach (var single in braces)
        {
            var sink = new FieldSink(shell.FieldSeparators, ' ', shell.Options.ExtendedPatterns);
            await ExpandTildeAndPartsAsync(single, sink, assignment: false);
            foreach (var field in sink.Finish())
            {
                if (field.Pattern is null || shell.Options.NoGlob)
                {
                    result.Add(field.Text);
                }
                else
                {
                    AddPaths(field, result);
                }
            }
        }
    }

    private void AddPaths(Field field, List<string> result)
    {
        if (!PatternMatcher.HasSpecial(field.Pattern!, shell.Options.ExtendedPatterns))
        {
            result.Add(field.Text);
            return;
        }

        var paths = new PathExpander(shell).Expand(field.Pattern!);
        if (paths.Count > 0)
        {
            result.AddRange(paths);
        }
        else if (shell.Options.FailGlob)
        {
            throw new ShellErrorException($"no match: {field.Text}");
        }
        else if (!shell.Options.NullGlob)
        {
            result.Add(field.Text);
        }
    }

    /// <summary>Expands without splitting and pathname expansion: an assignment's value, a case's subject.</summary>
    public ValueTask<string> ExpandToStringAsync(Word word, bool assignment = false) =>
        word.Constant is { } constant ? new(constant) : ExpandToStringSlowAsync(word, assignment);

    private async ValueTask<string> ExpandToStringSlowAsync(Word word, bool assignment)
    {
        var sink = new FieldSink(null, ' ', false);
        await ExpandTildeAndPartsAsync(word, sink, assignment);
        return sink.Text;
    }

    /// <summary>Expands into a pattern in which what is quoted stands for itself.</summary>
    public async ValueTask<string> ExpandPatternAsync(Word word)
    {
        var sink = new FieldSink(null, ' ', false);
        await ExpandTildeAndPartsAsync(word, sink, assignment: false);
        return sink.Pattern;
    }

    /// <summary>Expands into an extended regular expression in which what is quoted stands for itself.</summary>
    public async ValueTask<string> ExpandRegexAsync(Word word)
    {
        var result = new StringBuilder();
        foreach (var part in word.Parts)
        {
            var sink = new FieldSink(null, ' ', false);
            await ExpandPartAsync(part, sink, quoted: false, operand: false);
            if (part is DoubleQuotedPart or LiteralPart { Quoted: true })
            {
                foreach (var c in sink.Text)
                {
                    if ("\\*+?|{}[]()^$.".Contains(c))
                    {
                        result.Append('\\');
                    }

                    result.Append(c);
                }
            }
            else
            {
                result.Append(sink.Text);
            }
        }

        return result.ToString();
    }

    /// <summary>Expands what is taken as if between double quotes: a here-document, an arithmetic expression.</summary>
    public async ValueTask<string> ExpandQuotedAsync(Word word)
    {
        if (word.Constant is { } constant)
        {
            return constant;
        }

        var sink = new FieldSink(null, ' ', false);
        foreach (var part in word.Parts)
        {
            await ExpandPartAsync(part, sink, quoted: true, operand: false);
        }

        return sink.Text;
    }

    public async ValueTask<long> EvaluateAsync(Word word)
    {
        var text = await ExpandQuotedAsync(word);
        return Evaluate(text);
    }

    /// <summary>Evaluates arithmetic; an error gives the command up.</summary>
    public long Evaluate(string text)
    {
        try
        {
            return ArithmeticEvaluator.Evaluate(text, shell);
        }
        catch (ArithmeticErrorException error)
        {
            throw new ShellErrorException(error.Message);
        }
    }

    private async ValueTask ExpandTildeAndPartsAsync(Word word, FieldSink sink, bool assignment)
    {
        for (var i = 0; i < word.Parts.Count; i++)
        {
            var part = word.Parts[i];
            if (part is LiteralPart { Quoted: false } literal && literal.Text.Contains('~') && (assignment || i == 0))
            {
                await ExpandTildesAsync(literal.Text, i == 0, i == word.Parts.Count - 1, assignment || word.Assignment is not null, sink);
            }
            else
            {
                await ExpandPartAsync(part, sink, quoted: false, operand: false);
            }
        }
    }

    private async ValueTask ExpandTildesAsync(string text, bool first, bool last, bool assignment, FieldSink sink)
    {
        var at = 0;
        while (at < text.Length)
        {
            var begins = at == 0 ? first : assignment && text[at - 1] is ':' or '=';
            var end = text.AsSpan(at).IndexOfAny("/:");
            end = end < 0 ? text.Length : end + at;
            if (begins && text[at] == '~' && (end < text.Length || last)
                && await shell.FindHomeAsync(text[(at + 1)..end]) is { } home)
            {
                sink.Literal(home, quoted: true);
                at = end;
                continue;
            }

            var next = assignment ? text.IndexOf(':', at) : -1;
            next = next < 0 ? text.Length : next + 1;
            sink.Literal(text[at..next], quoted: false);
            at = next;
        }
    }

    /// <summary>Expands one part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="quoted">Whether it stands between double quotes.</param>
    /// <param name="operand">Whether it is of the word in ${name-word}, whose characters are split as well.</param>
    private async ValueTask ExpandPartAsync(WordPart part, FieldSink sink, bool quoted, bool operand)
    {
        switch (part)
        {
            case LiteralPart literal:
                if (operand && !literal.Quoted && !quoted)
                {
                    sink.Expansion(literal.Text);
                }
                else
                {
                    sink.Literal(literal.Text, quoted || literal.Quoted);
                }

                break;
            case DoubleQuotedPart inner:
                await ExpandDoubleQuotedAsync(inner, sink);
                break;
            case ParameterPart parameter:
                await ExpandParameterAsync(parameter, sink, quoted);
                break;
            case CommandSubstitutionPart substitution:
                Emit(await shell.SubstituteAsync(substitution), sink, quoted);
                break;
            case ArithmeticPart arithmetic:
                Emit((await EvaluateAsync(arithmetic.Expression)).ToString(), sink, quoted);
                break;
            case ProcessSubstitutionPart process:
                sink.Literal(shell.SubstituteProcess(process), quoted: true);
                break;
        }
    }

    private async ValueTask ExpandDoubleQuotedAsync(DoubleQuotedPart part, FieldSink sink)
    {
        // "$@" without parameters is no field at all, where "" is an empty one.
        if (part.Parts.Count != 1 || part.Parts[0] is not (ParameterPart { Name: "@" } or ParameterPart { Subscript.Source: "@" }))
        {
            sink.Present();
        }

        foreach (var inner in part.Parts)
        {
            await ExpandPartAsync(inner, sink, quoted: true, operand: false);
        }
    }

    private static void Emit(string text, FieldSink sink, bool quoted)
    {
        if (quoted)
        {
            sink.Literal(text, quoted: true);
        }
        else
        {
            sink.Expansion(text);
        }
    }
}
