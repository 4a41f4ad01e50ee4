namespace Warden.Emulator.Shell.Builtins;

/// <summary>The options of a builtin: letters, of which those with a colon take an argument.</summary>
internal sealed class OptionScanner
{
    private readonly BuiltinCall _call;
    private readonly string _letters;
    private readonly bool _plus;
    private int _position;

    public OptionScanner(BuiltinCall call, string letters, bool plus = false)
    {
        _call = call;
        _letters = letters;
        _plus = plus;
    }

    /// <summary>The index of the first argument that is no option, once <see cref="TryNext"/> was false.</summary>
    public int Index { get; private set; } = 1;

    public string? Argument { get; private set; }

    /// <summary>Whether the option came after a plus.</summary>
    public bool Off { get; private set; }

    /// <summary>Takes the next option.</summary>
    /// <exception cref="BuiltinUsageException">There is none of that letter, or its argument is missing.</exception>
    public bool TryNext(out char letter)
    {
        letter = '\0';
        if (_position == 0)
        {
            if (Index >= _call.Arguments.Count)
            {
                return false;
            }

            var text = _call.Arguments[Index];
            if (text.Length < 2 || (text[0] != '-' && !(_plus && text[0] == '+')))
            {
                return false;
            }

            if (text == "--")
            {
                Index++;
                return false;
            }

            Off = text[0] == '+';
            _position = 1;
        }

        var current = _call.Arguments[Index];
        letter = current[_position++];
        var at = letter == ':' ? -1 : _letters.IndexOf(letter, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new BuiltinUsageException($"{(Off ? '+' : '-')}{letter}: invalid option");
        }

        Argument = null;
        if (at + 1 < _letters.Length && _letters[at + 1] == ':')
        {
            if (_position < current.Length)
            {
                Argument = current[_position..];
            }
            else if (Index + 1 < _call.Arguments.Count)
            {
                Argument = _call.Arguments[++Index];
            }
            else
            {
                throw new BuiltinUsageException($"-{letter}: option requires an argument");
            }

            _position = current.Length;
        }

        if (_position >= current.Length)
        {
            _position = 0;
            Index++;
        }

        return true;
    }

    /// <summary>Takes all options, for builtins whose letters are only remembered.</summary>
    public HashSet<char> All()
    {
        var letters = new HashSet<char>();
        while (TryNext(out var letter))
        {
            letters.Add(letter);
        }

        return letters;
    }
}
