using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Tee() : GnuProgram("tee")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("aip", "append a", "ignore-interrupts i", "output-error? p");
        if (o.Has("i"))
        {
            c.Process.SetSignalAction(Signal.INT, SignalAction.Ignore);
        }
        var outputs = new List<(string Name, int Fd)> { ("standard output", 1) };
        foreach (var path in o.Operands)
        {
            try
            {
                outputs.Add((path, await c.Process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | (o.Has("a") ? OpenFlags.Append : OpenFlags.Truncate))));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Maybe(path)}: {failure.Message}");
            }
        }
        await c.FlushMessagesAsync();
        var buffer = new byte[64 * 1024];
        while (outputs.Count > 0 && await c.Process.ReadAsync(0, buffer) is var count && count > 0)
        {
            for (var i = outputs.Count - 1; i >= 0; i--)
            {
                try
                {
                    await c.Process.WriteAsync(outputs[i].Fd, buffer.AsMemory(0, count));
                }
                catch (ErrnoException failure)
                {
                    c.Fail($"{Quote.Maybe(outputs[i].Name)}: {failure.Message}");
                    outputs.RemoveAt(i);
                }
            }
            await c.DrainAsync();
        }
        return c.Status;
    }
}
