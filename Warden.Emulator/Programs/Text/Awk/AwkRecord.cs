using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

/// <summary>The current record: $0 and its fields, split when they are asked for and joined when they were changed.</summary>
internal sealed class AwkRecord(Invocation c)
{
    private readonly List<AwkValue> _fields = [];
    private AwkValue _text = AwkValue.Of("");
    private bool _split = true;
    private bool _joined = true;

    public string FieldSeparator { get; set; } = " ";

    public string OutputSeparator { get; set; } = " ";

    public string Format { get; set; } = "%.6g";

    public int Count
    {
        get
        {
            Split();
            return _fields.Count;
        }
        set
        {
            Split();
            while (_fields.Count > value)
            {
                _fields.RemoveAt(_fields.Count - 1);
            }
            while (_fields.Count < value)
            {
                _fields.Add(AwkValue.FromInput(""));
            }
            _joined = false;
        }
    }

    public void Set(string text)
    {
        _text = AwkValue.FromInput(text);
        _split = false;
        _joined = true;
    }

    public AwkValue Get(int index)
    {
        if (index == 0)
        {
            if (!_joined)
            {
                _text = AwkValue.FromInput(string.Join(OutputSeparator, _fields.Select(f => f.Text(Format))));
                _joined = true;
            }
            return _text;
        }
        Split();
        return index <= _fields.Count ? _fields[index - 1] : default;
    }

    public void Set(int index, AwkValue value)
    {
        if (index == 0)
        {
            Set(value.Text(Format));
            return;
        }
        Split();
        if (index > _fields.Count)
        {
            Count = index;
        }
        _fields[index - 1] = value;
        _joined = false;
    }

    /// <summary>Splits as fields are split: blanks, one character, or an expression.</summary>
    public static IEnumerable<string> Pieces(Invocation c, string text, string separator)
    {
        if (text.Length == 0)
        {
            return [];
        }
        return separator switch
        {
            " " => text.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries),
            "" => text.Select(x => x.ToString()),
            "\\|" => text.Split('|'),
            { Length: 1 } when separator != "\\" => text.Split(separator[0]),
            _ => Cut(AwkParser.Compile(c, separator), text),
        };
    }

    public static IEnumerable<string> Cut(Regex regex, string text)
    {
        var pieces = new List<string>();
        var at = 0;
        for (var match = regex.Match(text); match.Success; match = match.NextMatch())
        {
            if (match.Length > 0)
            {
                pieces.Add(text[at..match.Index]);
                at = match.Index + match.Length;
            }
        }
        pieces.Add(text[at..]);
        return pieces;
    }

    // The separator that holds is the one of the time the record was read: splitting is asked for before FS changes.
    public void Split()
    {
        if (_split)
        {
            return;
        }
        _split = true;
        _fields.Clear();
        _fields.AddRange(Pieces(c, _text.Text(Format), FieldSeparator).Select(AwkValue.FromInput));
    }
}
