using System.Buffers;
using Google.Protobuf;

namespace Warden.Spec.Capture.Replay;

/// <summary>
/// Replaces names in texts by what they are called now, all at once, the longest first. A name is replaced where neither a letter nor a
/// digit stands beside it: the address 10.0.0.1 is not part of 10.0.0.12.
/// </summary>
internal sealed class TextReplacer
{
    // Shorter names are too likely to stand for something else.
    private const int Shortest = 4;

    private static readonly SearchValues<byte> Word =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly Dictionary<ByteString, ByteString> _names = [];
    private readonly Dictionary<byte, List<ByteString>> _byFirst = [];
    private int _longest;

    /// <summary>Adds a name, or changes what an earlier one is called.</summary>
    public void Add(ByteString name, ByteString now)
    {
        if (name.Length < Shortest)
        {
            return;
        }

        if (!_names.TryAdd(name, now))
        {
            _names[name] = now;
            return;
        }

        _longest = Math.Max(_longest, name.Length);
        if (!_byFirst.TryGetValue(name[0], out var names))
        {
            _byFirst[name[0]] = names = [];
        }

        names.Add(name);
        names.Sort((left, right) => right.Length - left.Length);
    }

    /// <summary>A whole text with its names replaced.</summary>
    public byte[] Replace(ReadOnlySpan<byte> text) => Replace(text, null, true, out _);

    /// <summary>A text with its names replaced, as far as it can be told.</summary>
    /// <param name="text">The text.</param>
    /// <param name="previous">The byte before it.</param>
    /// <param name="isLast">Whether nothing follows. Else an end that may be the beginning of a name is left for later.</param>
    /// <param name="taken">How much of the text was taken.</param>
    public byte[] Replace(ReadOnlySpan<byte> text, byte? previous, bool isLast, out int taken)
    {
        if (_names.Count == 0)
        {
            taken = text.Length;
            return text.ToArray();
        }

        var replaced = new ArrayBufferWriter<byte>(Math.Max(text.Length, 1));
        var copied = 0;
        var at = 0;
        for (; at < text.Length; at++)
        {
            var before = at > 0 ? text[at - 1] : previous;
            if ((before is { } octet && Word.Contains(octet)) || !_byFirst.TryGetValue(text[at], out var names))
            {
                continue;
            }

            var rest = text[at..];
            if (!isLast && rest.Length <= _longest && MayBecome(names, rest))
            {
                break;
            }

            if (Find(names, rest) is { } name)
            {
                replaced.Write(text[copied..at]);
                replaced.Write(_names[name].Span);
                at += name.Length - 1;
                copied = at + 1;
            }
        }

        taken = Math.Min(at, text.Length);
        replaced.Write(text[copied..taken]);
        return replaced.WrittenSpan.ToArray();
    }

    private static bool MayBecome(List<ByteString> names, ReadOnlySpan<byte> beginning)
    {
        foreach (var name in names)
        {
            if (name.Length >= beginning.Length && name.Span.StartsWith(beginning))
            {
                return true;
            }
        }

        return false;
    }

    private static ByteString? Find(List<ByteString> names, ReadOnlySpan<byte> text)
    {
        foreach (var name in names)
        {
            if (text.StartsWith(name.Span) && (text.Length == name.Length || !Word.Contains(text[name.Length])))
            {
                return name;
            }
        }

        return null;
    }
}
