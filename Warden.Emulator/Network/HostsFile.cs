using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>Reads /etc/hosts (hosts(5)) as a process sees it.</summary>
internal static class HostsFile
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static IPAddress? Lookup(Process process, string name)
    {
        foreach (var (address, names) in Read(process))
        {
            if (names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return address;
            }
        }
        return null;
    }

    public static string? NameOf(Process process, IPAddress address)
    {
        foreach (var (candidate, names) in Read(process))
        {
            if (candidate.Equals(address) && names.Count > 0)
            {
                return names[0];
            }
        }
        return null;
    }

    private static List<(IPAddress Address, ArraySegment<string> Names)> Read(Process process)
    {
        var entries = new List<(IPAddress, ArraySegment<string>)>();
        foreach (var line in Text(process).Split('\n'))
        {
            var comment = line.IndexOf('#', StringComparison.Ordinal);
            var words = (comment < 0 ? line : line[..comment]).Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && NetworkStack.TryParseAddress(words[0], out var address))
            {
                entries.Add((address, new ArraySegment<string>(words, 1, words.Length - 1)));
            }
        }
        return entries;
    }

    // The file is in memory, so these calls complete at once; only a FIFO in its place would make the caller wait.
    private static string Text(Process process)
    {
        try
        {
            if (process.Stat("/etc/hosts").Kind != FileKind.Regular)
            {
                return "";
            }
            var fd = process.OpenAsync("/etc/hosts", OpenFlags.Read).AsTask().GetAwaiter().GetResult();
            try
            {
                var text = new System.Text.StringBuilder();
                var buffer = new byte[4096];
                while (process.ReadAsync(fd, buffer).AsTask().GetAwaiter().GetResult() is > 0 and var count)
                {
                    text.Append(ByteText.FromBytes(buffer.AsSpan(0, count)));
                }
                return text.ToString();
            }
            finally
            {
                process.Close(fd);
            }
        }
        catch (ErrnoException)
        {
            return "";
        }
    }
}
