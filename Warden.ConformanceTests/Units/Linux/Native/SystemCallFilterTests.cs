using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What the filter of jobs refuses, by every way to say it.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class SystemCallFilterTests
{
    private const ulong NewUser = 0x10000000; // CLONE_NEWUSER

    /// <summary>Calls that reach beyond a container, by their name in each table of numbers.</summary>
    private static readonly string[] Refused =
    [
        "mount", "umount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
        "unshare", "setns", "clone3", "open_by_handle_at", "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
        "io_uring_setup", "io_uring_enter", "io_uring_register", "kexec_load", "kexec_file_load", "init_module", "finit_module",
        "delete_module", "create_module", "query_module", "get_kernel_syms", "iopl", "ioperm", "vm86", "vm86old", "reboot", "swapon", "swapoff",
        "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "clock_settime64", "stime", "sethostname", "setdomainname",
        "syslog", "vhangup", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "lookup_dcookie", "fanotify_init", "kcmp", "process_madvise",
        "pidfd_getfd", "mbind", "get_mempolicy", "set_mempolicy", "set_mempolicy_home_node", "migrate_pages", "move_pages", "statmount", "listmount",
    ];

    private static readonly string[] OnlyOurs =
    [
        "vmsplice", "io_pgetevents", "io_pgetevents_time64", "futex_waitv", // as ordinary as the calls they belong to
        "nice", "bdflush", "sgetmask", "ssetmask", "oldstat", "oldfstat", "oldlstat", "olduname", "oldolduname", // of old i386 programs
        "afs_syscall", "break", "ftime", "gtty", "idle", "lock", "mpx", "prof", "profil", "stty", "ulimit", // of i386, in no kernel
    ];

    private static readonly string[] OnlyTheirs =
    [
        "mount", "umount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
        "unshare", "setns", "clone3", "reboot", "syslog", "keyctl", "pidfd_getfd", "mbind", "get_mempolicy", "set_mempolicy",
        "clone", "socket", "socketpair", "socketcall", // but for the arguments that are refused here
    ];

    /// <summary>CVE-2022-0185 among them: fsconfig(2), and the user namespace that opened it.</summary>
    [SkippableTheory]
    [InlineData(SystemCallFilter.Native, "64")]
    [InlineData(SystemCallFilter.I386, "32")]
    public void A_call_that_reaches_beyond_a_container_is_refused_by_each_of_its_numbers(uint architecture, string table)
    {
        var filter = SystemCallFilter.OfHelper();
        var numbers = Numbers(table);

        Assert.Equal([], Refused.Where(name => numbers.TryGetValue(name, out var number) && filter.Judge(architecture, number) == SystemCallFilter.Allow));
    }

    [SkippableFact]
    public void Every_call_with_the_bit_of_x32_does_not_exist_nor_does_one_of_an_unknown_architecture()
    {
        var filter = SystemCallFilter.OfHelper();
        foreach (var number in Enumerable.Range(0, 1024).Select(number => (uint)number))
        {
            Assert.Equal(SystemCallFilter.NoSuchCall, filter.Judge(SystemCallFilter.Native, 0x40000000 | number));
            Assert.Equal(SystemCallFilter.NoSuchCall, filter.Judge(0x40000028, number)); // AUDIT_ARCH_ARM
        }

        // The numbers of x32 alone, which older kernels take without the bit as well; and what no kernel had when the filter was written.
        Assert.All(Enumerable.Range(512, 512), number => Assert.Equal(SystemCallFilter.NoSuchCall, filter.Judge(SystemCallFilter.Native, (uint)number)));
        Assert.All(Enumerable.Range(512, 512), number => Assert.Equal(SystemCallFilter.NoSuchCall, filter.Judge(SystemCallFilter.I386, (uint)number)));
    }

    /// <summary>A user namespace of its own was the way to CVE-2022-0185.</summary>
    [SkippableTheory]
    [InlineData(SystemCallFilter.Native, 56)]
    [InlineData(SystemCallFilter.I386, 120)]
    public void A_clone_makes_processes_and_threads_and_no_namespaces(uint architecture, uint clone)
    {
        var filter = SystemCallFilter.OfHelper();

        Assert.Equal(SystemCallFilter.Allow, filter.Judge(architecture, clone, 17));
        Assert.Equal(SystemCallFilter.Allow, filter.Judge(architecture, clone, 0x3D0F00));
        foreach (var flag in (ulong[])[NewUser, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x20000000, 0x40000000])
        {
            Assert.Equal(SystemCallFilter.NotPermitted, filter.Judge(architecture, clone, flag | 17));
        }
    }

    [SkippableTheory]
    [InlineData(SystemCallFilter.Native, 41, 53)]
    [InlineData(SystemCallFilter.I386, 359, 360)]
    public void Sockets_to_the_hypervisor_and_to_the_kernels_cryptography_are_refused(uint architecture, uint socket, uint socketPair)
    {
        var filter = SystemCallFilter.OfHelper();
        foreach (var number in (uint[])[socket, socketPair])
        {
            foreach (var family in (ulong[])[38, 40])
            {
                Assert.Equal(SystemCallFilter.NotPermitted, filter.Judge(architecture, number, family));

                // The kernel looks at 32 bits of a family.
                Assert.Equal(SystemCallFilter.NotPermitted, filter.Judge(architecture, number, 0xFFFFFFFF00000000 | family));
            }

            Assert.All((ulong[])[1, 2, 10, 16, 17], family => Assert.Equal(SystemCallFilter.Allow, filter.Judge(architecture, number, family)));
        }
    }

    [SkippableFact]
    public void Socketcall_makes_no_sockets_unless_it_is_allowed()
    {
        var (filter, open) = (SystemCallFilter.OfHelper(), SystemCallFilter.OfHelper("socketcall"));
        foreach (var call in Enumerable.Range(0, 30).Select(call => (ulong)call))
        {
            Assert.Equal(
                call is 1 or 8 ? SystemCallFilter.NoSuchCall : SystemCallFilter.Allow, filter.Judge(SystemCallFilter.I386, 102, call));
            Assert.Equal(SystemCallFilter.Allow, open.Judge(SystemCallFilter.I386, 102, call));
        }

        // No other call is answered otherwise.
        foreach (var number in Enumerable.Range(0, 600).Where(number => number != 102).Select(number => (uint)number))
        {
            Assert.Equal(filter.Judge(SystemCallFilter.I386, number, 40), open.Judge(SystemCallFilter.I386, number, 40));
            Assert.Equal(filter.Judge(SystemCallFilter.Native, number, 40), open.Judge(SystemCallFilter.Native, number, 40));
        }
    }

    [SkippableTheory]
    [InlineData(SystemCallFilter.Native, "64")]
    [InlineData(SystemCallFilter.I386, "32")]
    public void The_filter_differs_from_that_of_containers_common_in_what_is_listed_here(uint architecture, string table)
    {
        var filter = SystemCallFilter.OfHelper();
        var numbers = Numbers(table);
        var theirs = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "containers-common-seccomp.txt"))
            .Where(line => !line.StartsWith('#')).SelectMany(line => line.Split(' ')).ToHashSet(StringComparer.Ordinal);

        // Calls newer than that package's are not in its list: they do not exist there.
        var compared = numbers.Where(pair => pair.Value < 450).ToList();
        var ours = compared.Where(pair => filter.Judge(architecture, pair.Value) == SystemCallFilter.Allow).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], ours.Except(theirs).Except(OnlyOurs).Order(StringComparer.Ordinal));
        Assert.Equal([], compared.Select(pair => pair.Key).Intersect(theirs).Except(ours).Except(OnlyTheirs).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^#define __NR_(\w+) (\d+)$")]
    private static partial Regex Definition { get; }

    private static Dictionary<string, uint> Numbers(string table)
    {
        var path = $"/usr/include/x86_64-linux-gnu/asm/unistd_{table}.h";
        Skip.IfNot(File.Exists(path), $"{path} is not there: apt-get install linux-libc-dev");
        return File.ReadLines(path).Select(line => Definition.Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups[1].Value, match => uint.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }
}
