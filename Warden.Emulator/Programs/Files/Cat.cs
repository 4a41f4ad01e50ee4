using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Cat() : GnuProgram("cat")
{
    private const int BlockSize = 128 * 1024;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options(
            "benstuvAET", "number n", "number-nonblank b", "squeeze-blank s", "show-nonprinting v", "show-ends E", "show-tabs T", "show-all A");
        var view = CatView.From(options);
        var files = options.Operands.Count == 0 ? ["-"] : options.Operands;
        var buffer = new byte[BlockSize];
        foreach (var file in files)
        {
            try
            {
                var fd = await c.OpenInputAsync(file);
                try
                {
                    await CopyAsync(c, file, fd, view, buffer);
                }
                finally
                {
                    if (fd != 0)
                    {
                        c.Process.Close(fd);
                    }
                }
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Maybe(file)}: {failure.Message}");
                await c.FlushMessagesAsync();
            }
        }
        return c.Status;
    }

    private static async ValueTask CopyAsync(Invocation c, string file, int fd, CatView? view, byte[] buffer)
    {
        if (IsOutput(c.Process, fd))
        {
            c.Fail($"{Quote.Maybe(file)}: input file is output file");
            return;
        }
        while (true)
        {
            var count = await c.Process.ReadAsync(fd, buffer);
            if (count == 0)
            {
                return;
            }
            if (view is null)
            {
                c.Write(default(ReadOnlySpan<byte>));
                await WriteOutputAsync(c, buffer.AsMemory(0, count));
            }
            else
            {
                view.Show(c, buffer.AsSpan(0, count));
                await c.FlushAsync();
            }
        }
    }

    /// <summary>Writes to the standard output without buffering; a failure ends the program as GNU's do.</summary>
    public static async ValueTask WriteOutputAsync(Invocation c, ReadOnlyMemory<byte> data)
    {
        try
        {
            await c.Process.WriteAsync(1, data);
        }
        catch (ErrnoException failure)
        {
            throw c.Die("write error: " + failure.Message);
        }
    }

    // A regular file that grows by what is read from it would never end.
    private static bool IsOutput(Process process, int fd)
    {
        if (!process.TryGetFile(1, out var output) || output.Status.Kind != FileKind.Regular)
        {
            return false;
        }
        var input = process.GetFile(fd).Status;
        return input.Kind == FileKind.Regular && input.Size > 0 && FilePath.SameFile(input, output.Status);
    }
}
