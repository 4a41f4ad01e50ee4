using System.Text;
using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

/// <summary>Builds a replacement with its switches of case.</summary>
internal sealed class SedReplacement(StringBuilder output)
{
    private char _all;
    private char _next;

    public void Append(List<SedPiece> pieces, Match match)
    {
        foreach (var piece in pieces)
        {
            switch (piece.Case)
            {
                case 'L' or 'U':
                    _all = piece.Case;
                    continue;
                case 'E':
                    _all = '\0';
                    continue;
                case 'l' or 'u':
                    _next = piece.Case;
                    continue;
            }
            Add(piece.Group >= 0 ? match.Groups[piece.Group].Value : piece.Text);
        }
    }

    private void Add(string text)
    {
        if (text.Length == 0)
        {
            return;
        }
        text = _all switch { 'L' => text.ToLowerInvariant(), 'U' => text.ToUpperInvariant(), _ => text };
        if (_next != '\0')
        {
            text = (_next == 'u' ? char.ToUpperInvariant(text[0]) : char.ToLowerInvariant(text[0])) + text[1..];
            _next = '\0';
        }
        output.Append(text);
    }
}
