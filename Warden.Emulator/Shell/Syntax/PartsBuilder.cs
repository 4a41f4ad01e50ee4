using System.Text;

namespace Warden.Emulator.Shell.Syntax;

/// <summary>Collects the parts of a word, joining neighbouring characters.</summary>
internal sealed class PartsBuilder
{
    private readonly StringBuilder _literal = new();
    private readonly List<WordPart> _parts = [];
    private bool _quoted;

    public void Add(char c, bool quoted)
    {
        if (quoted != _quoted)
        {
            Flush();
            _quoted = quoted;
        }

        _literal.Append(c);
    }

    public void Add(string text, bool quoted)
    {
        foreach (var c in text)
        {
            Add(c, quoted);
        }
    }

    /// <summary>Adds quoted text that counts even when it is empty.</summary>
    public void AddQuoted(string text)
    {
        Flush();
        _parts.Add(new LiteralPart(text, true));
    }

    public void Add(WordPart part)
    {
        Flush();
        _parts.Add(part);
    }

    /// <summary>What was collected, when it is unquoted characters only.</summary>
    public string? Plain => _parts.Count == 0 && (!_quoted || _literal.Length == 0) ? _literal.ToString() : null;

    public IReadOnlyList<WordPart> Finish()
    {
        Flush();
        return _parts;
    }

    private void Flush()
    {
        if (_literal.Length > 0)
        {
            _parts.Add(new LiteralPart(_literal.ToString(), _quoted));
            _literal.Clear();
        }
    }
}
