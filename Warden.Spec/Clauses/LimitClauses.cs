using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Limits of memory, disk, bandwidth and CPU (§5).</summary>
internal static class LimitClauses
{
    private const string Memory = "§5 LimitMemory";
    private const string Disk = "§5 LimitDisk";
    private const string Bandwidth = "§5 LimitBandwidth";
    private const string Cpu = "§5 LimitCpu";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("MEMORY")
            .Must(1, Memory, "No limit reads 9223372036854771712.", LimitMemory)
            .Must(2, Memory, "A limit is set and read back.", LimitMemory)
            .Must(3, Memory, "A limit is rounded up to a page.", LimitMemory)
            .Must(4, Memory, "A limit can be raised and lowered.", LimitMemory)
            .Must(5, Memory, "Over it the process is killed, and the event \"out of memory\" is there.", LimitMemory, Info)
            .Must(6, Memory, "After it the container stops.", LimitMemory, Info)
            .Must(7, Memory, "A limit below what is in use gets \"Failed setting memory limit: …\", and the old one stays.", LimitMemory)
            .Must(8, Memory, "A limit over what a script needs disturbs nothing.", LimitMemory, Run)
            .Must(9, Memory, "The limit lasts over a restart.", OwnConfiguration | Restart, LimitMemory)
            .Must(10, Memory, "Out of memory in one container leaves the others alone.", LimitMemory, Run)
            .Must(11, Memory, "Out of memory stops the container after a restart too.", OwnConfiguration | Restart, LimitMemory)
            .Clauses,
        .. new ClauseTable("DISK")
            .Must(1, Disk, "A new container has no limit: all that is read is 0.", OwnConfiguration, LimitDisk)
            .Must(2, Disk, "byte_limit, byte and byte_hard set the hard limit, rounded up to blocks of 1024 bytes.", OwnConfiguration, LimitDisk)
            .Must(3, Disk, "block_limit, block and block_hard set the hard limit.", OwnConfiguration, LimitDisk)
            .Must(4, Disk, "Later wins: byte_limit, byte, byte_soft/byte_hard, block_limit, block, block_soft/block_hard.", OwnConfiguration, LimitDisk)
            .Must(5, Disk, "inode_limit, inode, inode_soft/inode_hard: later wins.", OwnConfiguration, LimitDisk)
            .Must(6, Disk, "Nothing given reads.", OwnConfiguration, LimitDisk)
            .Must(7, Disk, "Over the hard limit a write of vcap fails with \"Disk quota exceeded\".", OwnConfiguration, LimitDisk, Run)
            .Must(8, Disk, "Within the limit writes succeed.", OwnConfiguration, LimitDisk, Run)
            .Must(9, Disk, "Root writes beyond vcap's limit.", OwnConfiguration, LimitDisk, Run)
            .Must(10, Disk, "Switched off by disk_quota_enabled: the answer has no fields, and info no disk_stat.", OwnConfiguration, LimitDisk, Info)
            .Must(11, Disk, "The limit lasts over a restart.", OwnConfiguration | Restart, LimitDisk)
            .Must(12, Disk, "Byte and inode limits in one request are both set and read back.", OwnConfiguration, LimitDisk)
            .Must(13, Disk, "Over the limit of inodes no file is made, or the event \"inode limit is not enforced\" is there.", OwnConfiguration, LimitDisk, Info)
            .Must(14, Disk, "What is deleted can be written again.", OwnConfiguration, LimitDisk, Run)
            .Must(15, Disk, "Over the soft limits writes succeed up to the hard ones, for the kernel's time of grace.", OwnConfiguration, LimitDisk, Run)
            .Must(16, Disk, "A container has neither the limits nor the use of one that had its user before.", OwnConfiguration, LimitDisk, Info)
            .Clauses,
        .. new ClauseTable("BANDWIDTH")
            .Must(1, Bandwidth, "rate and burst are set and answered.", LimitBandwidth)
            .Must(2, Bandwidth, "Info reads back in_* and out_* as asked.", LimitBandwidth, Info)
            .Must(3, Bandwidth, "Both absent reads.", LimitBandwidth)
            .Must(4, Bandwidth, "One absent, or 0, is an Error, and the old limit stays.", LimitBandwidth)
            .Must(5, Bandwidth, "A limit can be changed.", LimitBandwidth)
            .Must(6, Bandwidth, "The limit lasts over a restart.", OwnConfiguration | Restart, LimitBandwidth)
            .Must(7, Bandwidth, "Traffic is delayed to the rate.", LimitBandwidth, Run)
            .Must(8, Bandwidth, "Traffic to a container is delayed to its rate as traffic from it is.", LimitBandwidth, Run)
            .Clauses,
        .. new ClauseTable("CPU")
            .Must(1, Cpu, "A new container has 1024 shares.", LimitCpu)
            .Must(2, Cpu, "Shares are set and read back.", LimitCpu)
            .Must(3, Cpu, "A value under 2 becomes 2, one over 262144 becomes 262144.", LimitCpu)
            .Must(4, Cpu, "Shares last over a restart.", OwnConfiguration | Restart, LimitCpu)
            .Clauses,
    ];
}
