using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Warden.Spec.Client.V1;

/// <summary>A command's words, taken one after the other.</summary>
internal sealed class V1Arguments
{
    private readonly IReadOnlyList<object> _words;
    private readonly Encoding _text;
    private int _next = 1;

    internal V1Arguments(IReadOnlyList<object> words, Encoding text)
    {
        _words = words;
        _text = text;
        Command = words[0] as string ?? throw new ArgumentException("A command begins with its name.");
    }

    internal string Command { get; }

    /// <summary>Whether there is another word.</summary>
    internal bool More => _next < _words.Count;

    internal object Next(string what) => More ? _words[_next++] : throw new ArgumentException($"{Command}: {what} is missing.");

    internal string Word(string what) => Convert.ToString(Next(what), CultureInfo.InvariantCulture) ?? string.Empty;

    internal ByteString Text(string what) => Encode(Word(what));

    internal ByteString Handle() => ByteString.CopyFromUtf8(Word("HANDLE"));

    /// <summary>A script; one that is bytes already is sent as it is.</summary>
    internal ByteString Script() => Next("SCRIPT") switch
    {
        byte[] bytes => ByteString.CopyFrom(bytes),
        string script => Encode(script),
        _ => throw Usage(),
    };

    internal uint JobId()
    {
        ulong number = Number("JOB");
        return number <= uint.MaxValue ? (uint)number : throw new ArgumentException($"{Command}: there is no job {number}.");
    }

    internal ulong Number(string what)
    {
        string word = Word(what);
        return ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw new ArgumentException($"{Command}: {what} is a number, not '{word}'.");
    }

    internal ByteString Encode(string text) => ByteString.CopyFrom(text, _text);

    /// <summary>The request, when no word is left.</summary>
    internal T End<T>(T request) => More ? throw Usage() : request;

    internal ArgumentException Usage() => new($"{Command}: cannot make sense of its arguments.");
}
