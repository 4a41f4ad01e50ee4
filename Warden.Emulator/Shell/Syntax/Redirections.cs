namespace Warden.Emulator.Shell.Syntax;

/// <summary>What a redirection does.</summary>
internal enum RedirectionKind
{
    Input, Output, Append, Clobber, ReadWrite, DuplicateInput, DuplicateOutput, OutputAndError, AppendOutputAndError, HereDocument, HereString,
}

/// <summary>A redirection.</summary>
internal sealed class Redirection
{
    public required RedirectionKind Kind { get; init; }

    /// <summary>The descriptor before the operator, or the operator's own.</summary>
    public required int Descriptor { get; init; }

    /// <summary>Whether the descriptor was written.</summary>
    public bool Explicit { get; init; }

    /// <summary>The name of {name} before the operator.</summary>
    public string? Variable { get; init; }

    public required Word Target { get; init; }

    /// <summary>Of a here-document: its text, which is known once its line is complete.</summary>
    public Word? Document { get; set; }

    /// <summary>Of a here-document: &lt;&lt;-, which strips leading tabs.</summary>
    public bool StripTabs { get; init; }
}
