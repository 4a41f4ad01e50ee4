using System.Buffers.Binary;
using System.Text;

namespace Warden.Emulator.Programs;

internal sealed class Od() : GnuProgram("od")
{
    private const int Width = 16;

    private static readonly string[] Names =
        ["nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb",
            "can", "em", "sub", "esc", "fs", "gs", "rs", "us", "sp"];

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("A:t:j:N:vw::abcdosxhl", "address-radix= A", "format= t", "skip-bytes= j", "read-bytes= N", "output-duplicates v", "width? w");
        var formats = o.All.Select(x => x.Key switch { "t" => x.Value, "a" => "a", "b" => "o1", "c" => "c", "d" => "u2", "o" => "o2", "s" => "d2", "x" or "h" => "x2", "l" => "d8", _ => "" })
            .Where(x => x.Length > 0).ToList();
        if (formats.Count == 0)
        {
            formats.Add("o2");
        }
        var data = new StringBuilder();
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            data.Append(reader is null ? "" : await reader.ReadToEndAsync());
        }
        var bytes = Encoding.Latin1.GetBytes(data.ToString());
        var start = Sizes.TryParse(o.Last("j") ?? "0", out var skip) ? (int)Math.Min(skip, bytes.Length) : 0;
        var end = o.Has("N") && Sizes.TryParse(o.Last("N")!, out var most) ? (int)Math.Min(bytes.Length, start + most) : bytes.Length;
        string? previous = null;
        var starred = false;
        for (var at = start; at < end; at += Width)
        {
            var line = bytes.AsSpan(at, Math.Min(Width, end - at)).ToArray();
            var key = Encoding.Latin1.GetString(line);
            if (key == previous && line.Length == Width && !o.Has("v"))
            {
                c.Write(starred ? "" : "*\n");
                starred = true;
                continue;
            }
            (previous, starred) = (key, false);
            for (var i = 0; i < formats.Count; i++)
            {
                var address = Address(o.Last("A"), at);
                c.WriteLine((i == 0 ? address : new string(' ', address.Length)) + Row(c, line, formats[i]));
            }
            await c.DrainAsync();
        }
        if (o.Last("A") != "n")
        {
            c.WriteLine(Address(o.Last("A"), end));
        }
        return c.Status;
    }

    private static string Address(string? radix, int at) => radix switch
    {
        "n" => "",
        "d" => at.ToString("0000000"),
        "x" => at.ToString("x6"),
        _ => Convert.ToString(at, 8).PadLeft(7, '0'),
    };

    private static string Row(Invocation c, byte[] line, string format)
    {
        var kind = format[0];
        if (kind is 'a' or 'c')
        {
            return string.Concat(line.Select(b => (kind == 'a' ? Named((byte)(b & 0x7F)) : Character(b)).PadLeft(4)));
        }
        var digits = format[1..].TrimEnd('z');
        var size = digits switch { "" or "I" => 4, "C" => 1, "S" => 2, "L" => 8, _ => int.TryParse(digits, out var n) && n is 1 or 2 or 4 or 8 ? n : 0 };
        if (size == 0 || !"doux".Contains(kind, StringComparison.Ordinal))
        {
            throw c.Die($"invalid type string {Quote.Locale(format)}");
        }
        var text = new StringBuilder();
        Span<byte> word = stackalloc byte[8];
        for (var at = 0; at < line.Length; at += size)
        {
            word.Clear();
            line.AsSpan(at, Math.Min(size, line.Length - at)).CopyTo(word);
            var value = BinaryPrimitives.ReadUInt64LittleEndian(word);
            text.Append(' ').Append(kind switch
            {
                'x' => value.ToString("x" + (size * 2)),
                'o' => Octal(value).PadLeft(size switch { 1 => 3, 2 => 6, 4 => 11, _ => 22 }, '0'),
                'u' => value.ToString().PadLeft(size switch { 1 => 3, 2 => 5, 4 => 10, _ => 20 }),
                _ => ((long)(value << (64 - (size * 8))) >> (64 - (size * 8))).ToString().PadLeft(size switch { 1 => 4, 2 => 6, 4 => 11, _ => 20 }),
            });
        }
        return text.ToString();
    }

    private static string Octal(ulong value)
    {
        var text = "";
        do
        {
            text = (char)('0' + (int)(value & 7)) + text;
            value >>= 3;
        }
        while (value != 0);
        return text;
    }

    private static string Named(byte b) => b < Names.Length ? Names[b] : b == 127 ? "del" : ((char)b).ToString();

    private static string Character(byte b) => b switch
    {
        0 => "\\0",
        (byte)'\\' => "\\",
        >= 32 and < 127 => ((char)b).ToString(),
        _ => Quote.Escape((char)b) is { Length: 2 } escape ? escape : Convert.ToString(b, 8).PadLeft(3, '0'),
    };
}

internal sealed class Xxd() : GnuProgram("xxd")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("c:g:l:prs:u", "plain p", "ps p", "revert r");
        using var reader = await c.TryOpenReaderAsync(o.Operands.ElementAtOrDefault(0) ?? "-", 2) ?? throw new ProgramExit(2);
        var data = Encoding.Latin1.GetBytes(await reader.ReadToEndAsync());
        if (o.Has("r"))
        {
            c.Write(Revert(Encoding.Latin1.GetString(data), o.Has("p")));
            return 0;
        }
        var columns = int.TryParse(o.Last("c"), out var n) && n > 0 ? n : o.Has("p") ? 30 : 16;
        var group = int.TryParse(o.Last("g"), out var g) ? g : 2;
        var start = int.TryParse(o.Last("s"), out var s) ? Math.Min(s, data.Length) : 0;
        var end = int.TryParse(o.Last("l"), out var l) ? Math.Min(data.Length, start + l) : data.Length;
        for (var at = start; at < end; at += columns)
        {
            var line = data.AsSpan(at, Math.Min(columns, end - at));
            var hex = o.Has("u") ? Convert.ToHexString(line) : Convert.ToHexStringLower(line);
            if (o.Has("p"))
            {
                c.WriteLine(hex);
                continue;
            }
            var text = new StringBuilder();
            for (var i = 0; i < columns; i++)
            {
                text.Append(i < line.Length ? hex.Substring(i * 2, 2) : "  ").Append(group > 0 && (i + 1) % group == 0 ? " " : "");
            }
            var shown = string.Concat(line.ToArray().Select(b => b is >= 32 and < 127 ? (char)b : '.'));
            c.WriteLine($"{at:x8}: {text} {shown}");
            await c.DrainAsync();
        }
        return 0;
    }

    private static byte[] Revert(string text, bool plain)
    {
        var digits = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            var part = plain ? line : line.IndexOf(": ", StringComparison.Ordinal) is var colon && colon >= 0 ? line[(colon + 2)..] : "";
            var end = plain ? -1 : part.IndexOf("  ", StringComparison.Ordinal);
            digits.Append((end < 0 ? part : part[..end]).Replace(" ", "", StringComparison.Ordinal).TakeWhile(char.IsAsciiHexDigit).ToArray());
        }
        return Convert.FromHexString(digits.ToString(0, digits.Length / 2 * 2));
    }
}
