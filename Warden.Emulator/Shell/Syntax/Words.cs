namespace Warden.Emulator.Shell.Syntax;

/// <summary>A part of a word.</summary>
internal abstract class WordPart;

/// <summary>Characters that stand for themselves.</summary>
/// <param name="text">The characters, without their quotes.</param>
/// <param name="quoted">Whether they were quoted, so that no pattern, tilde or brace is seen in them.</param>
internal sealed class LiteralPart(string text, bool quoted) : WordPart
{
    public string Text { get; } = text;

    public bool Quoted { get; } = quoted;
}

/// <summary>What stands between double quotes.</summary>
internal sealed class DoubleQuotedPart(IReadOnlyList<WordPart> parts) : WordPart
{
    public IReadOnlyList<WordPart> Parts { get; } = parts;
}

/// <summary>$( ) or a pair of backquotes.</summary>
internal sealed class CommandSubstitutionPart(Command? body, string? source, int line) : WordPart
{
    /// <summary>The commands of $( ); null for backquotes.</summary>
    public Command? Body { get; } = body;

    /// <summary>The text between backquotes, which is parsed when it runs.</summary>
    public string? Source { get; } = source;

    public int Line { get; } = line;
}

/// <summary>$(( )).</summary>
internal sealed class ArithmeticPart(Word expression) : WordPart
{
    public Word Expression { get; } = expression;
}

/// <summary>&lt;( ) or &gt;( ).</summary>
internal sealed class ProcessSubstitutionPart(Command body, bool output) : WordPart
{
    public Command Body { get; } = body;

    /// <summary>Whether this is &gt;( ), whose commands read what is written.</summary>
    public bool Output { get; } = output;
}

/// <summary>The operation of a parameter expansion.</summary>
internal enum ParameterOperation
{
    None, Length, Default, Assign, Error, Alternative, RemovePrefix, RemoveLongestPrefix, RemoveSuffix, RemoveLongestSuffix,
    ReplaceFirst, ReplaceAll, ReplacePrefix, ReplaceSuffix, Substring, UpperFirst, UpperAll, LowerFirst, LowerAll, ToggleFirst, ToggleAll,
    Transform, Names, Bad,
}

/// <summary>$name or ${…}.</summary>
internal sealed class ParameterPart : WordPart
{
    /// <summary>A name, digits, or one of the special characters.</summary>
    public required string Name { get; init; }

    /// <summary>Between brackets; null without.</summary>
    public Word? Subscript { get; init; }

    /// <summary>${!…}.</summary>
    public bool Indirect { get; init; }

    public ParameterOperation Operation { get; init; }

    /// <summary>Whether the operation had its colon and so takes an empty value for an unset one.</summary>
    public bool Colon { get; init; }

    /// <summary>The word, pattern, offset, or the letter of a transformation.</summary>
    public Word? Operand { get; init; }

    /// <summary>The replacement or the length.</summary>
    public Word? SecondOperand { get; init; }

    /// <summary>As it was written, for messages.</summary>
    public required string Source { get; init; }
}

/// <summary>A word before expansion.</summary>
internal sealed class Word(IReadOnlyList<WordPart> parts, string source)
{
    private IReadOnlyList<Word>? _braces;
    private string? _constant;
    private bool _examined;

    public IReadOnlyList<WordPart> Parts { get; } = parts;

    /// <summary>As it was written.</summary>
    public string Source { get; } = source;

    /// <summary>The assignment that the word looks like, if it does.</summary>
    public Assignment? Assignment { get; init; }

    /// <summary>The text of a word without quotes and expansions, else null.</summary>
    public string? PlainText => Parts.Count == 1 && Parts[0] is LiteralPart { Quoted: false } literal ? literal.Text : null;

    /// <summary>What brace expansion makes of the word; the word itself when there is nothing to do.</summary>
    public IReadOnlyList<Word> Braces => _braces ??= Expansion.BraceExpander.Expand(this);

    /// <summary>What the word always expands to; null when that depends on anything.</summary>
    public string? Constant
    {
        get
        {
            if (!_examined)
            {
                _constant = FindConstant();
                _examined = true;
            }

            return _constant;
        }
    }

    private string? FindConstant()
    {
        var text = "";
        foreach (var part in Parts)
        {
            if (part is DoubleQuotedPart { Parts: var inner } && (inner.Count == 0 || (inner.Count == 1 && inner[0] is LiteralPart)))
            {
                text += inner.Count == 0 ? "" : ((LiteralPart)inner[0]).Text;
            }
            else if (part is LiteralPart literal && (literal.Quoted || literal.Text.AsSpan().IndexOfAny("*?[{~(") < 0))
            {
                text += literal.Text;
            }
            else
            {
                return null;
            }
        }

        return text;
    }

    public static Word Literal(string text) => new([new LiteralPart(text, true)], text);
}

/// <summary>name=value, name[subscript]=value, name=( … ), each also with +=.</summary>
internal sealed class Assignment
{
    public required string Name { get; init; }

    public Word? Subscript { get; init; }

    public bool Append { get; init; }

    /// <summary>The value; null for a compound assignment.</summary>
    public Word? Value { get; init; }

    /// <summary>The elements of a compound assignment.</summary>
    public IReadOnlyList<ArrayElement>? Elements { get; init; }

    public required string Source { get; init; }
}

/// <summary>One element of a compound assignment.</summary>
internal sealed record ArrayElement(Word? Subscript, bool Append, Word Value);
