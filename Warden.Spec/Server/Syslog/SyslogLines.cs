using System.Buffers;
using System.Globalization;
using System.Text;
using Warden.Spec.Backend;

namespace Warden.Spec.Server.Syslog;

/// <summary>
/// Cuts a tagged job's output into lines, each stream for itself, and passes every line on as one datagram of syslog(3)'s form:
/// <c>&lt;14&gt;Nov 23 17:02:24 warden.TAG: line</c> from stdout, <c>&lt;11&gt;…</c> from stderr (protocol.md §4, log_tag). A line
/// longer than <see cref="LongestLine"/> goes out in pieces. Safe for concurrent use.
/// </summary>
public sealed class SyslogLines
{
    /// <summary>Bytes of a line that one datagram carries at most; syslog daemons cut at 8 KiB by default.</summary>
    public const int LongestLine = 8 * 1024 - 256;

    private readonly Lock _lock = new();
    private readonly byte[] _tag;
    private readonly Action<byte[]> _send;
    private readonly TimeProvider _timeProvider;
    private readonly ArrayBufferWriter<byte> _stdout = new();
    private readonly ArrayBufferWriter<byte> _stderr = new();

    /// <summary>Creates the cutter.</summary>
    /// <param name="tag">The log_tag of the request.</param>
    /// <param name="send">Takes each datagram; must not block. <see cref="SyslogSender.Send"/> is meant for it.</param>
    /// <param name="timeProvider">Gives the time stamps, in its local zone.</param>
    public SyslogLines(string tag, Action<byte[]> send, TimeProvider timeProvider)
    {
        // A line break or a NUL in the tag would forge datagrams of its own.
        _tag = Encoding.UTF8.GetBytes(string.Concat(" warden.", string.Create(tag.Length, tag, Clean), ": "));
        _send = send;
        _timeProvider = timeProvider;
    }

    /// <summary>Takes a piece of output; every line that it completes goes out at once.</summary>
    public void Write(OutputStream stream, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            var pending = Pending(stream);
            while (!data.IsEmpty)
            {
                var end = data.IndexOf((byte)'\n');
                var line = end < 0 ? data : data[..end];
                data = end < 0 ? default : data[(end + 1)..];
                Append(stream, pending, line);
                if (end >= 0)
                {
                    Flush(stream, pending);
                }
            }
        }
    }

    /// <summary>Sends what is left of lines that no line break ended. Called when the job has ended.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            foreach (var stream in (ReadOnlySpan<OutputStream>)[OutputStream.Stdout, OutputStream.Stderr])
            {
                var pending = Pending(stream);
                if (pending.WrittenCount > 0)
                {
                    Flush(stream, pending);
                }
            }
        }
    }

    private static void Clean(Span<char> target, string tag)
    {
        for (var i = 0; i < tag.Length; i++)
        {
            target[i] = char.IsControl(tag[i]) ? '_' : tag[i];
        }
    }

    private ArrayBufferWriter<byte> Pending(OutputStream stream) => stream == OutputStream.Stdout ? _stdout : _stderr;

    private void Append(OutputStream stream, ArrayBufferWriter<byte> pending, ReadOnlySpan<byte> part)
    {
        while (pending.WrittenCount + part.Length > LongestLine)
        {
            var fits = LongestLine - pending.WrittenCount;
            pending.Write(part[..fits]);
            part = part[fits..];
            Flush(stream, pending);
        }

        pending.Write(part);
    }

    private void Flush(OutputStream stream, ArrayBufferWriter<byte> pending)
    {
        var now = _timeProvider.GetLocalNow();
        var head = string.Create(
            CultureInfo.InvariantCulture, $"<{(stream == OutputStream.Stdout ? 14 : 11)}>{now:MMM} {now.Day,2} {now:HH:mm:ss}");
        var datagram = new byte[head.Length + _tag.Length + pending.WrittenCount];
        Encoding.ASCII.GetBytes(head, datagram);
        _tag.CopyTo(datagram, head.Length);
        pending.WrittenSpan.CopyTo(datagram.AsSpan(head.Length + _tag.Length));
        pending.ResetWrittenCount();
        _send(datagram);
    }
}
