using System.Text;

namespace Warden.Emulator.Programs;

internal sealed class Base64() : GnuProgram("base64")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("diw:", "decode d", "ignore-garbage i", "wrap= w");
        if (!int.TryParse(o.Last("w") ?? "76", out var width) || width < 0)
        {
            throw c.Die($"invalid wrap size: {Quote.Locale(o.Last("w")!)}");
        }
        if (o.Operands.Count > 1)
        {
            throw c.ExtraOperand(o.Operands[1]);
        }
        using var reader = await c.TryOpenReaderAsync(o.Operands.ElementAtOrDefault(0) ?? "-") ?? throw new ProgramExit(1);
        if (o.Has("d"))
        {
            await DecodeAsync(c, reader, o.Has("i"));
            return 0;
        }
        var block = new byte[48 * 1024];
        var column = 0;
        while (await reader.ReadFullyAsync(block) is var count && count > 0)
        {
            var text = Convert.ToBase64String(block, 0, count);
            for (var at = 0; at < text.Length;)
            {
                var step = width == 0 ? text.Length : Math.Min(width - column, text.Length - at);
                c.Write(text.Substring(at, step));
                at += step;
                column += step;
                if (width > 0 && column == width)
                {
                    c.Write('\n');
                    column = 0;
                }
            }
            await c.DrainAsync();
        }
        c.Write(width > 0 && column > 0 ? "\n" : "");
        return 0;
    }

    private static async ValueTask DecodeAsync(Invocation c, ByteReader reader, bool ignoreGarbage)
    {
        var text = new StringBuilder();
        foreach (var x in await reader.ReadToEndAsync())
        {
            if (x != '\n' && (!ignoreGarbage || char.IsAsciiLetterOrDigit(x) || x is '+' or '/' or '='))
            {
                text.Append(x);
            }
        }
        // What is valid comes out, also before an error.
        var whole = text.ToString();
        var valid = 0;
        while (valid < whole.Length && (char.IsAsciiLetterOrDigit(whole[valid]) || whole[valid] is '+' or '/' or '='))
        {
            valid++;
        }
        var usable = valid / 4 * 4;
        try
        {
            c.Write(Convert.FromBase64String(whole[..usable]));
        }
        catch (FormatException)
        {
            usable = -1;
        }
        if (usable != whole.Length)
        {
            throw c.Die("invalid input");
        }
    }
}
