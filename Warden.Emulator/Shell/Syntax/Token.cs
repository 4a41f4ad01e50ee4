namespace Warden.Emulator.Shell.Syntax;

internal enum TokenKind
{
    Word, Operator, Newline, End,

    /// <summary>Digits right before a redirection.</summary>
    Descriptor,

    /// <summary>{name} right before a redirection.</summary>
    DescriptorVariable,
}

/// <summary>A token of the script.</summary>
internal sealed record Token(TokenKind Kind, string Text, Word? Word)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    /// <summary>Whether this is the unquoted word.</summary>
    public bool IsWord(string text) => Kind == TokenKind.Word && Word!.PlainText == text;
}
