using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;

namespace Warden.Linux.Processes;

/// <summary>The bodies of START, GO and JOB_START.</summary>
internal static class StartMessages
{
    private const int JobStartSize = 152;

    // What the monitor takes; more than that is a peer that speaks something else.
    private const int LongestScript = 64 << 20;
    private const int LongestStrings = 60 << 10;
    private const int LongestLanguage = 4096;

    /// <summary>START: keys and values, each ended by a NUL.</summary>
    /// <exception cref="WardenException">A value holds a NUL.</exception>
    public static byte[] Start(ContainerStart start)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        Add(body, "version", Number(MonitorProtocol.Version));
        Add(body, "id", start.Id);
        Add(body, "path", start.Path);
        Add(body, "run_dir", start.RunDirectory);
        Add(body, "lower", start.Lower);
        Add(body, "upper", start.Upper);
        Add(body, "work", start.Work);
        if (start.LowerUserId is { } lowerUserId)
        {
            Add(body, "lower_uid", Number(lowerUserId));
        }

        Add(body, "uid", Number(start.UserId));
        Add(body, "interface", start.Interface);
        Add(body, "address", start.Address.ToString());
        Add(body, "gateway", start.Gateway.ToString());
        Add(body, "prefix", Number(start.PrefixLength));
        Add(body, "mtu", Number(start.Mtu));
        Add(body, "console_log", start.ConsoleLog);
        Add(body, "console_max", Number(start.ConsoleMaxBytes));
        if (start.Hooks is { } hooks)
        {
            Add(body, "hooks", hooks);
        }

        Add(body, "no_new_privs", start.NoNewPrivileges ? "1" : "0");
        if (start.AllowNestedWarden)
        {
            Add(body, "nested", "1");
        }

        if (start.SharedMemoryBytes is { } sharedMemory)
        {
            Add(body, "shm_size", Number(sharedMemory));
        }

        if (start.AllowI386Sockets)
        {
            Add(body, "i386_sockets", "1");
        }

        foreach (var tasks in start.CgroupTasks)
        {
            Add(body, "cgroup_tasks", tasks);
        }

        if (start.UnifiedCgroup is { } unified)
        {
            Add(body, "cgroup_unified", unified);
        }

        foreach (var mount in start.BindMounts)
        {
            Add(body, "bind_source", mount.SourcePath);
            Add(body, "bind_target", mount.TargetPath);
            Add(body, "bind_mode", mount.Writable ? "rw" : "ro");
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>GO.</summary>
    public static byte[] Go(string? memoryCgroup)
    {
        var body = new ArrayBufferWriter<byte>(256);
        if (memoryCgroup is not null)
        {
            Add(body, "memory_cgroup", memoryCgroup);
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>JOB_START without its script, which follows.</summary>
    /// <exception cref="WardenException">The script, the tag or the language is longer than the monitor takes.</exception>
    public static byte[] JobStart(JobSpec spec, string? syslogSocket)
    {
        var language = Encoding.UTF8.GetBytes(Clean(spec.Language));
        var tag = Encoding.UTF8.GetBytes(Clean(spec.LogTag ?? ""));
        var syslog = Encoding.UTF8.GetBytes(syslogSocket ?? SyslogSender.DefaultPath);
        Check("script", spec.Script.Length, LongestScript);
        Check("LANG", language.Length, LongestLanguage);
        Check("log_tag", tag.Length, LongestStrings - LongestLanguage - syslog.Length);
        var body = new byte[JobStartSize + language.Length + tag.Length + syslog.Length];
        var flags = (spec.Privileged ? MonitorProtocol.JobPrivileged : 0) | (spec.DiscardOutput ? MonitorProtocol.JobDiscardOutput : 0);
        var rest = body.AsSpan();
        Put(ref rest, spec.Id);
        Put(ref rest, flags);
        Put(ref rest, (ulong)(spec.OutputLimit ?? -1));
        for (var limit = ResourceLimit.As; limit <= ResourceLimit.Stack; limit++)
        {
            Put(ref rest, spec.Limits[limit]);
        }

        Put(ref rest, (uint)language.Length);
        Put(ref rest, (uint)tag.Length);
        Put(ref rest, (uint)syslog.Length);
        Put(ref rest, (uint)spec.Script.Length);
        language.CopyTo(rest);
        tag.CopyTo(rest[language.Length..]);
        syslog.CopyTo(rest[(language.Length + tag.Length)..]);
        return body;
    }

    private static void Check(string name, int length, int longest)
    {
        if (length > longest)
        {
            throw new WardenException($"The {name} of a job is at most {longest} bytes long, and this one {length}");
        }
    }

    // A line break in a tag would forge lines of the log, and no variable of an environment holds a NUL.
    private static string Clean(string text) =>
        string.Create(text.Length, text, (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? '_' : source[i];
            }
        });

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Put(ref Span<byte> rest, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(rest, value);
        rest = rest[sizeof(uint)..];
    }

    private static void Put(ref Span<byte> rest, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(rest, value);
        rest = rest[sizeof(ulong)..];
    }

    private static void Add(ArrayBufferWriter<byte> body, string key, string value)
    {
        if (value.Contains('\0'))
        {
            throw new WardenException($"The value of {key} holds a null character");
        }

        Encoding.UTF8.GetBytes(key, body);
        body.Write("\0"u8);
        Encoding.UTF8.GetBytes(value, body);
        body.Write("\0"u8);
    }
}
