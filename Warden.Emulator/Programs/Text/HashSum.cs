using System.Security.Cryptography;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>md5sum, sha1sum, sha256sum, sha384sum and sha512sum.</summary>
internal sealed class HashSum(string name, HashAlgorithmName algorithm) : GnuProgram(name)
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("bctwz", "binary b", "check c", "text t", "warn w", "zero z", "quiet", "status", "ignore-missing", "strict", "tag");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            try
            {
                if (o.Has("c"))
                {
                    await CheckAsync(c, o, file);
                    continue;
                }
                var digest = await DigestAsync(c, file);
                c.Write(o.Has("tag")
                    ? $"{algorithm.Name} ({file}) = {digest}\n"
                    : $"{digest} {(o.LastOf("b", "t") == "b" ? '*' : ' ')}{file}{(o.Has("z") ? '\0' : '\n')}");
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Maybe(file)}: {failure.Message}");
            }
            await c.DrainAsync();
        }
        return c.Status;
    }

    private async ValueTask<string> DigestAsync(Invocation c, string file)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        using var reader = new ByteReader(c.Process, await c.OpenInputAsync(file));
        while (await reader.ReadBlockAsync() is { Length: > 0 } block)
        {
            hash.AppendData(block.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async ValueTask CheckAsync(Invocation c, OptionSet o, string list)
    {
        var (malformed, unreadable, mismatched, any) = (0, 0, 0, false);
        foreach (var line in (await c.ReadAllAsync(list)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank < 32 || blank + 2 > line.Length || !line.AsSpan(0, blank).ToString().All(char.IsAsciiHexDigit))
            {
                malformed++;
                continue;
            }
            any = true;
            var name = line[(blank + 2)..];
            try
            {
                var matches = await DigestAsync(c, name) is var digest && digest.Equals(line[..blank], StringComparison.OrdinalIgnoreCase);
                mismatched += matches ? 0 : 1;
                if (!o.Has("status") && !(matches && o.Has("quiet")))
                {
                    c.WriteLine($"{name}: {(matches ? "OK" : "FAILED")}");
                }
            }
            catch (ErrnoException failure)
            {
                if (o.Has("ignore-missing") && failure.Errno == Errno.ENOENT)
                {
                    continue;
                }
                unreadable++;
                c.Fail($"{Quote.Maybe(name)}: {failure.Message}");
                c.WriteLine($"{name}: FAILED open or read");
            }
        }
        await c.FlushAsync();
        if (!any)
        {
            c.Fail($"{Quote.Maybe(list)}: no properly formatted checksum lines found");
            return;
        }
        Warn(c, o, malformed, "line is improperly formatted", "lines are improperly formatted");
        Warn(c, o, unreadable, "listed file could not be read", "listed files could not be read");
        Warn(c, o, mismatched, "computed checksum did NOT match", "computed checksums did NOT match");
        c.Status = unreadable + mismatched > 0 ? 1 : c.Status;
    }

    private static void Warn(Invocation c, OptionSet o, int count, string one, string many)
    {
        if (count > 0 && !o.Has("status"))
        {
            c.Warn($"WARNING: {count} {(count == 1 ? one : many)}");
        }
    }
}
