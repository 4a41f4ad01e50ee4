using System.Security.Cryptography;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Mktemp() : GnuProgram("mktemp")
{
    private const string Letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("dp:qtuV", "directory d", "dry-run u", "quiet q", "suffix=", "tmpdir? tmpdir");
        if (o.Operands.Count > 1)
        {
            throw c.Usage("too many templates");
        }
        var template = o.Operands.ElementAtOrDefault(0);
        var inDirectory = template is null || o.LastOf("p", "tmpdir", "t") is not null;
        template ??= "tmp.XXXXXXXXXX";
        var suffix = o.Last("suffix") ?? "";
        var end = template.LastIndexOf('X') + 1;
        if (!o.Has("suffix"))
        {
            suffix = template[end..];
            template = template[..end];
        }
        var count = template.Length - template.AsSpan().TrimEnd('X').Length;
        if (count < 3)
        {
            throw Fail(c, o, $"too few X's in template {Quote.Locale(template + suffix)}");
        }
        var directory = o.Last("p") is { Length: > 0 } p ? p : o.Last("tmpdir") is { Length: > 0 } t ? t : c.Process.GetEnvironment("TMPDIR") is { Length: > 0 } d ? d : "/tmp";
        var prefix = template[..^count];
        var path = inDirectory ? FilePath.Join(directory, prefix) : prefix;
        for (var attempt = 0; ; attempt++)
        {
            var name = path + RandomNumberGenerator.GetString(Letters, count) + suffix;
            try
            {
                if (o.Has("u"))
                {
                    // Only the name is wanted.
                }
                else if (o.Has("d"))
                {
                    c.Process.MakeDirectory(name, 0x1C0);
                }
                else
                {
                    c.Process.Close(await c.Process.OpenAsync(name, OpenFlags.Read | OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, 0x180));
                }
                c.WriteLine(name);
                return 0;
            }
            catch (ErrnoException failure) when (failure.Errno != Errno.EEXIST || attempt > 100)
            {
                throw Fail(c, o, $"failed to create {(o.Has("d") ? "directory" : "file")} via template {Quote.Locale(path + new string('X', count) + suffix)}: {failure.Message}");
            }
            catch (ErrnoException)
            {
                // The name is taken: another one.
            }
        }
    }

    private static ProgramExit Fail(Invocation c, OptionSet o, string message) => o.Has("q") ? new ProgramExit(1) : c.Die(message);
}
