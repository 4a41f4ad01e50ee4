namespace Warden.Emulator.Programs;

internal sealed class Sleep() : GnuProgram("sleep")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        var total = TimeSpan.Zero;
        var valid = true;
        foreach (var text in o.Operands)
        {
            if (Durations.TryParse(text, out var time))
            {
                total += time;
            }
            else
            {
                c.Warn($"invalid time interval {Quote.Locale(text)}");
                valid = false;
            }
        }
        if (!valid)
        {
            throw c.Usage();
        }
        await c.Process.SleepAsync(total);
        return 0;
    }
}
