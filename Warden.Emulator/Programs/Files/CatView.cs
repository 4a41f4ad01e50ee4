namespace Warden.Emulator.Programs;

/// <summary>What cat does to bytes when it is asked for numbers or visible control characters. It lasts over all files of one run.</summary>
internal sealed class CatView
{
    private readonly bool _number;
    private readonly bool _numberNonBlank;
    private readonly bool _squeeze;
    private readonly bool _ends;
    private readonly bool _tabs;
    private readonly bool _controls;
    private int _line;
    private bool _atStart = true;
    private int _blankLines;

    private CatView(OptionSet options)
    {
        bool Any(params ReadOnlySpan<string> keys) => options.LastOf(keys) is not null;
        _numberNonBlank = Any("b");
        _number = Any("n") && !_numberNonBlank;
        _squeeze = Any("s");
        _ends = Any("E", "e", "A");
        _tabs = Any("T", "t", "A");
        _controls = Any("v", "e", "t", "A");
    }

    public static CatView? From(OptionSet options) =>
        options.LastOf("b", "n", "s", "E", "e", "A", "T", "t", "v") is null ? null : new CatView(options);

    public void Show(Invocation c, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b == '\n')
            {
                if (_atStart)
                {
                    _blankLines++;
                    if (_squeeze && _blankLines > 1)
                    {
                        continue;
                    }
                    if (_number)
                    {
                        Number(c);
                    }
                }
                if (_ends)
                {
                    c.Write('$');
                }
                c.Write('\n');
                _atStart = true;
                continue;
            }
            if (_atStart)
            {
                _atStart = false;
                _blankLines = 0;
                if (_number || _numberNonBlank)
                {
                    Number(c);
                }
            }
            ShowByte(c, b);
        }
    }

    private void Number(Invocation c) => c.Write((++_line).ToString().PadLeft(6) + "\t");

    private void ShowByte(Invocation c, byte b)
    {
        if (b == '\t')
        {
            c.Write(_tabs ? "^I" : "\t");
            return;
        }
        if (!_controls)
        {
            c.Write((char)b);
            return;
        }
        if (b >= 128)
        {
            c.Write("M-");
            b -= 128;
        }
        c.Write(b < 32 ? "^" + (char)(b + 64) : b == 127 ? "^?" : ((char)b).ToString());
    }
}
