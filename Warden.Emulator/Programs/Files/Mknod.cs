using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Mknod() : GnuProgram("mknod")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("m:Z", "mode= m");
        var operands = o.Operands;
        if (operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        var isFifo = operands.Count > 1 && operands[1] == "p";
        if (operands.Count < (isFifo ? 2 : 4))
        {
            c.Warn($"missing operand after {Quote.Always(operands[^1])}");
            if (operands.Count > 1)
            {
                c.WarnRaw("Special files require major and minor device numbers.\n");
            }
            throw c.Usage();
        }
        if (operands.Count > (isFifo ? 2 : 4))
        {
            throw c.ExtraOperand(operands[isFifo ? 2 : 4]);
        }
        var mode = Mkfifo.Mode(c, o);
        try
        {
            switch (operands[1])
            {
                case "p":
                    c.Process.MakeFifo(operands[0], mode ?? 0x1B6);
                    break;
                case "c" or "u" or "b":
                    var kind = operands[1] == "b" ? FileKind.BlockDevice : FileKind.CharacterDevice;
                    c.Process.MakeDevice(operands[0], mode ?? 0x1B6, kind, Number(c, "major", operands[2]), Number(c, "minor", operands[3]));
                    break;
                default:
                    throw c.Usage($"invalid device type {Quote.Always(operands[1])}");
            }
            if (mode is not null)
            {
                c.Process.ChangeMode(operands[0], mode.Value);
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"{Quote.Maybe(operands[0])}: {failure.Message}");
        }
        return ValueTask.FromResult(0);
    }

    private static int Number(Invocation c, string what, string text) =>
        int.TryParse(text, out var number) && number >= 0 ? number : throw c.Die($"invalid {what} device number {Quote.Always(text)}");
}

internal sealed class Mkfifo() : GnuProgram("mkfifo")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("m:Z", "mode= m");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        var mode = Mode(c, o);
        foreach (var path in o.Operands)
        {
            try
            {
                c.Process.MakeFifo(path, mode ?? 0x1B6);
                if (mode is not null)
                {
                    c.Process.ChangeMode(path, mode.Value);
                }
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot create fifo {Quote.Always(path)}: {failure.Message}");
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    public static int? Mode(Invocation c, OptionSet o)
    {
        if (o.Last("m") is not { } text)
        {
            return null;
        }
        var change = FileModes.Parse(text) ?? throw c.Die("invalid mode");
        return change(0x1B6, false, c.Process.Umask);
    }
}
