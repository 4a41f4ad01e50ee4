namespace Warden.Emulator.Programs;

internal sealed class Cmp() : GnuProgram("cmp")
{
    protected override int FailureStatus => 2;

    protected override string Version => "cmp (GNU diffutils) 3.8";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("bi:ln:s", "print-bytes b", "ignore-initial= i", "verbose l", "bytes= n", "quiet s", "silent s");
        if (o.Operands.Count == 0)
        {
            throw c.Usage($"missing operand after '{c.Name}'");
        }
        var (left, right) = (o.Operands[0], o.Operands.ElementAtOrDefault(1) ?? "-");
        using var first = await c.TryOpenReaderAsync(left) ?? throw new ProgramExit(2);
        using var second = await c.TryOpenReaderAsync(right) ?? throw new ProgramExit(2);
        long position = 0, line = 1;
        var limit = Sizes.TryParse(o.Last("n") ?? "", out var most) ? most : long.MaxValue;
        var differs = false;
        while (position < limit)
        {
            var (a, b) = (await first.ReadByteAsync(), await second.ReadByteAsync());
            if (a < 0 || b < 0)
            {
                if (a == b)
                {
                    return differs ? 1 : 0;
                }
                if (!o.Has("s"))
                {
                    var where = position == 0 ? "which is empty" : $"after byte {position}" + (o.Has("l") ? "" : $", {(line > 1 && position > 0 ? "" : "in ")}line {Math.Max(1, line - 1)}");
                    c.Warn($"EOF on {(a < 0 ? left : right)} {where}");
                }
                return 1;
            }
            position++;
            if (a != b)
            {
                if (o.Has("s"))
                {
                    return 1;
                }
                if (!o.Has("l"))
                {
                    c.WriteLine($"{left} {right} differ: char {position}, line {line}");
                    return 1;
                }
                differs = true;
                c.WriteLine($"{position} {Convert.ToString(a, 8),3} {Convert.ToString(b, 8),3}");
            }
            line += a == '\n' ? 1 : 0;
            if ((position & 0xFFF) == 0)
            {
                await c.DrainAsync();
            }
        }
        return differs ? 1 : 0;
    }
}
