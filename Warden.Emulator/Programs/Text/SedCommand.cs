using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

/// <summary>How a line is selected.</summary>
internal enum SedAddressKind
{
    Line,
    Last,
    Regex,
    Step,
    Plus,
    Multiple,
}

/// <summary>An address; a null regex is the last one that was used.</summary>
internal sealed record SedAddress(SedAddressKind Kind, long First = 0, long Second = 0, Regex? Regex = null);

/// <summary>A piece of a replacement: text, a group (or -1), or a switch of case.</summary>
internal readonly record struct SedPiece(string Text, int Group, char Case);

/// <summary>One command of a script.</summary>
internal sealed class SedCommand(char letter)
{
    public char Letter { get; } = letter;

    public SedAddress? From { get; init; }

    public SedAddress? To { get; init; }

    public bool Negated { get; init; }

    /// <summary>Text of a, i, c; label of b, t, T; file of r, w, R, W; exit status or width in digits.</summary>
    public string Text { get; set; } = "";

    /// <summary>Of { the index behind its }, of b, t, T the target.</summary>
    public int Target { get; set; } = -1;

    public Regex? Regex { get; set; }

    public List<SedPiece> Replacement { get; set; } = [];

    public bool Global { get; set; }

    public bool Print { get; set; }

    public bool Evaluate { get; set; }

    public int Occurrence { get; set; } = 1;

    public string? OutputFile { get; set; }

    /// <summary>The table of y.</summary>
    public string? Table { get; set; }

    // State of a range while the script runs.
    public bool InRange { get; set; }

    public long RangeEnd { get; set; }
}
