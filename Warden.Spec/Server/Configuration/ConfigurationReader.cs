using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using Warden.Spec.Backend;
using Warden.Spec.Containers;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// Reads the YAML file of protocol.md §6, with the keys of the servers of 2012 to 2016. A wrong type or value is refused with its place
/// and what was expected; an unknown key is warned about.
/// </summary>
public static class ConfigurationReader
{
    private const string Address = "an IPv4 address, such as 10.254.0.0";
    private const string Range = "an IPv4 address, a network such as 10.0.0.0/8, or a range such as 10.0.0.1-10.0.0.9";

    // Of the server of 2012, which named its pool so: 10.254.0.0.
    private const uint DefaultPoolStart = 0x0AFE0000;
    private const int DefaultPoolSize = 256;

    private static readonly string[] Levels = ["off", "fatal", "error", "warn", "info", "debug", "debug1", "debug2", "all"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="defaults">What holds for keys that the file does not set; null means the defaults of protocol.md.</param>
    /// <exception cref="ConfigurationException">It cannot be read, is not YAML, or holds a wrong value.</exception>
    public static ConfigurationFile Load(string path, WardenConfiguration? defaults = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{path}: {e.Message}"], e);
        }

        return Parse(text, path, defaults);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">The name for messages.</param>
    /// <param name="defaults">What holds for keys that the text does not set; null means the defaults of protocol.md.</param>
    /// <exception cref="ConfigurationException">It is not YAML, or holds a wrong value.</exception>
    public static ConfigurationFile Parse(string text, string fileName, WardenConfiguration? defaults = null)
    {
        defaults ??= new WardenConfiguration();
        var problems = new ConfigurationProblems();
        var root = new SectionReader(YamlTree.Read(text, fileName, problems.Errors), fileName, problems);
        var configuration = new WardenConfiguration
        {
            Server = ReadServer(root.Section("server"), defaults.Server),
            HealthCheck = ReadHealthCheck(root.Section("health_check_server"), defaults.HealthCheck),
            Logging = ReadLogging(root.Section("logging"), defaults.Logging),
            Network = ReadNetwork(root.Section("network"), defaults.Network),
            Port = ReadPort(root.Section("port"), defaults.Port),
            User = ReadUser(root.Section("user"), defaults.User),
        };
        root.WarnUnknown();
        return problems.Errors.Count == 0
            ? new ConfigurationFile(configuration, problems.Warnings, problems.Keys)
            : throw new ConfigurationException(problems.Errors);
    }

    private static ServerSection ReadServer(SectionReader section, ServerSection defaults)
    {
        var quota = section.Section("quota");
        var read = new ServerSection
        {
            ContainerClass = section.OptionalText("container_klass", defaults.ContainerClass),
            SocketPath = section.Text("unix_domain_path", defaults.SocketPath),
            SocketMode = ReadMode(section, defaults.SocketMode),
            RootfsPath = section.OptionalText("container_rootfs_path", defaults.RootfsPath),
            DepotPath = section.OptionalText("container_depot_path", defaults.DepotPath),
            GraceTime = section.OptionalSeconds("container_grace_time", defaults.GraceTime, orNull: true),
            JobOutputLimit = section.Integer("job_output_limit", defaults.JobOutputLimit, long.MinValue, long.MaxValue),
            ResourceLimits = ResourceLimitKeys.Read(section.Section("container_limits_conf"), section.Section("container_rlimits"), defaults.ResourceLimits),
            DiskQuotaEnabled = quota.Boolean("disk_quota_enabled", defaults.DiskQuotaEnabled),
            AllowNestedWarden = section.Boolean("allow_nested_warden", defaults.AllowNestedWarden),
            PidFile = section.OptionalText("pidfile", defaults.PidFile),
            SyslogSocket = section.OptionalText("syslog_socket", defaults.SyslogSocket),
            HooksPath = section.OptionalText("hooks", defaults.HooksPath),
            NoNewPrivileges = section.Boolean("no_new_privileges", defaults.NoNewPrivileges),
            SharedMemoryLimit = section.OptionalInteger("container_shm_limit", defaults.SharedMemoryLimit, 1 << 20, long.MaxValue),
            AllowI386Sockets = section.Boolean("allow_i386_sockets", defaults.AllowI386Sockets),
            ProcessLimit = (int)section.Integer("container_process_limit", defaults.ProcessLimit, 0, int.MaxValue),
        };
        quota.WarnUnknown();
        section.WarnUnknown();
        return read;
    }

    private static int ReadMode(SectionReader section, int fallback)
    {
        const string Key = "unix_domain_permissions";
        var mode = (int)section.Integer(Key, fallback, 0, 0xFFF);
        if (section.Take(Key) is ScalarNode { Text: [>= '1' and <= '7', >= '0' and <= '7', >= '0' and <= '7'] } scalar)
        {
            section.Warn(Key, $"{scalar.Text} is decimal, and the mode 0{Convert.ToString(mode, 8)}; an octal number begins with 0");
        }

        return mode;
    }

    private static HealthCheckSection ReadHealthCheck(SectionReader section, HealthCheckSection defaults)
    {
        var read = new HealthCheckSection
        {
            Port = (int?)section.OptionalInteger("port", defaults.Port, 0, ushort.MaxValue),
        };
        section.WarnUnknown();
        return read;
    }

    private static LoggingSection ReadLogging(SectionReader section, LoggingSection defaults)
    {
        var level = section.Take("level");

        // Unquoted, off is a boolean of YAML 1.1; a level it is all the same.
        var isLevel = level is ScalarNode scalar && Levels.Contains(scalar.Text.ToLowerInvariant());
        if (level is not null && !isLevel)
        {
            section.Wrong(level, "one of " + string.Join(", ", Levels));
        }

        var read = new LoggingSection
        {
            Level = isLevel ? ((ScalarNode)level!).Text.ToLowerInvariant() : defaults.Level,
            File = section.OptionalText("file", defaults.File),
            Syslog = section.OptionalText("syslog", defaults.Syslog),
        };
        section.WarnUnknown();
        return read;
    }

    private static NetworkSection ReadNetwork(SectionReader section, NetworkSection defaults)
    {
        var read = new NetworkSection
        {
            Pool = ReadPool(section, defaults.Pool),
            ReleaseDelay = section.OptionalSeconds("release_delay", defaults.ReleaseDelay, orNull: false)!.Value,
            Mtu = (int)section.Integer("mtu", defaults.Mtu, 68, 65535),
            AllowNetworks = section.List("allow_networks", Range, MakeRange, defaults.AllowNetworks),
            DenyNetworks = section.List("deny_networks", Range, MakeRange, defaults.DenyNetworks),
            AllowHostAccess = section.Boolean("allow_host_access", defaults.AllowHostAccess),
            DnsServers = ReadNameServers(section, defaults.DnsServers),
        };
        section.WarnUnknown();
        return read;
    }

    private static IPNetwork ReadPool(SectionReader section, IPNetwork fallback)
    {
        var network = section.Made("pool_network", "an IPv4 network of 8 to 30 bits, such as 10.254.0.0/24", MakeNetwork);
        var start = section.Made("pool_start_address", Address, MakeAddress);

        // A /8 holds 2^22 networks of four addresses.
        var size = section.OptionalInteger("pool_size", null, 1, 1 << 22);
        if (start is null && size is null)
        {
            return network ?? fallback;
        }

        if (network is not null && (start is null || size is null))
        {
            section.Warn(start is null ? "pool_size" : "pool_start_address", "does nothing alone beside pool_network");
            return network.Value;
        }

        if (network is not null)
        {
            section.Warn("pool_network", "does nothing: pool_start_address and pool_size say the pool");
        }

        var first = start ?? DefaultPoolStart;
        var prefix = 30 - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(size ?? DefaultPoolSize)));
        var aligned = first & Mask(prefix);
        if (aligned != first)
        {
            section.Warn("pool_start_address", $"no network of {prefix} bits begins there; the pool begins at {ToAddress(aligned)}");
        }

        return new IPNetwork(ToAddress(aligned), prefix);
    }

    private static PortSection ReadPort(SectionReader section, PortSection defaults)
    {
        var read = new PortSection
        {
            StartPort = (int?)section.OptionalInteger("pool_start_port", defaults.StartPort, 1, ushort.MaxValue),
            Size = (int?)section.OptionalInteger("pool_size", defaults.Size, 1, ushort.MaxValue),
        };
        section.WarnUnknown();
        return read;
    }

    private static UserSection ReadUser(SectionReader section, UserSection defaults)
    {
        var read = new UserSection
        {
            // The last uid is no user's: chown(2) takes it for "unchanged".
            StartUid = (uint)section.Integer("pool_start_uid", defaults.StartUid, 1, uint.MaxValue - 1),
            Size = (int)section.Integer("pool_size", defaults.Size, 1, int.MaxValue),
        };
        if (read.StartUid + (ulong)read.Size > uint.MaxValue)
        {
            section.Wrong(section.Take("pool_start_uid") ?? section.Take("pool_size")!, $"a pool of uids that ends below {uint.MaxValue}");
        }

        section.WarnUnknown();
        return read;
    }

    private static (bool Ok, AddressRange Value) MakeRange(string text) => (AddressRanges.TryParse(text, out var range), range);

    private static (bool Ok, uint Value) MakeAddress(string text) => (AddressRanges.TryParseAddress(text, out var address), address);

    private static IReadOnlyList<string> ReadNameServers(SectionReader section, IReadOnlyList<string> defaults)
    {
        const string Key = "dns_servers";
        var servers = section.List(Key, "a name server: one word, an IP address", MakeNameServer, defaults);
        foreach (var server in servers.Where(server => !IsAddress(server)))
        {
            section.Warn(Key, $"{server} is no IP address; a resolver cannot ask it (resolv.conf(5)), but the containers' resolv.conf names it");
        }

        return servers;
    }

    // It becomes a word of a line of resolv.conf.
    private static (bool Ok, string Value) MakeNameServer(string text) =>
        (text.Length > 0 && !text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)), text);

    private static bool IsAddress(string text) =>
        AddressRanges.TryParseAddress(text, out _) || (text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out _));

    private static (bool Ok, IPNetwork Value) MakeNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0
            && AddressRanges.TryParseAddress(text.AsSpan(0, slash), out var address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            && prefix is >= 8 and <= 30)
        {
            return (true, new IPNetwork(ToAddress(address & Mask(prefix)), prefix));
        }

        return (false, default);
    }

    private static uint Mask(int prefix) => uint.MaxValue << (32 - prefix);

    private static IPAddress ToAddress(uint address) => new(BinaryPrimitives.ReverseEndianness(address));
}
