namespace Warden.ConformanceTests.Wire;

/// <summary>
/// The messages of the protocol as the suite knows them: the table of protocol.md §2, typed here a second time so that a fault in the
/// .proto files cannot hide itself.
/// </summary>
public static class WireSchema
{
    private const string Numbers =
        "Error 1; Create 11; Stop 12; Destroy 13; Info 14; Spawn 21; Link 22; Run 23; Stream 24; NetIn 31; NetOut 32; CopyIn 41; " +
        "CopyOut 42; LimitMemory 51; LimitDisk 52; LimitBandwidth 53; LimitCpu 54; Ping 91; List 92; Echo 93";

    private const string DiskFields =
        "o u64 block_limit 10; o u64 block 11; o u64 block_soft 12; o u64 block_hard 13; o u64 inode_limit 20; o u64 inode 21; " +
        "o u64 inode_soft 22; o u64 inode_hard 23; o u64 byte_limit 30; o u64 byte 31; o u64 byte_soft 32; o u64 byte_hard 33";

    private const string JobFields =
        "r string handle 1; r string script 2; o bool privileged 3; o ResourceLimits rlimits 4; o bool discard_output 5; o string log_tag 6";

    private const string ResultFields = "o u32 exit_status 1; o string stdout 2; o string stderr 3; o InfoResponse info 4";

    private const string Messages = $"""
        ErrorResponse: o string message 2; * string backtrace 3; o string data 4
        CreateRequest: * BindMount bind_mounts 1; o u32 grace_time 2; o string handle 3; o string network 4; o string rootfs 5
        BindMount: r string src_path 1; r string dst_path 2; r enum mode 3
        CreateResponse: r string handle 1
        StopRequest: r string handle 1; o bool background 10; o bool kill 20
        StopResponse:
        DestroyRequest: r string handle 1
        DestroyResponse:
        InfoRequest: r string handle 1
        InfoResponse: o string state 10; * string events 20; o string host_ip 30; o string container_ip 31; o string container_path 32; o MemoryStat memory_stat 40; o CpuStat cpu_stat 41; o DiskStat disk_stat 42; o BandwidthStat bandwidth_stat 43; * u64 job_ids 44
        MemoryStat: o u64 cache 1; o u64 rss 2; o u64 mapped_file 3; o u64 pgpgin 4; o u64 pgpgout 5; o u64 swap 6; o u64 pgfault 7; o u64 pgmajfault 8; o u64 inactive_anon 9; o u64 active_anon 10; o u64 inactive_file 11; o u64 active_file 12; o u64 unevictable 13; o u64 hierarchical_memory_limit 14; o u64 hierarchical_memsw_limit 15; o u64 total_cache 16; o u64 total_rss 17; o u64 total_mapped_file 18; o u64 total_pgpgin 19; o u64 total_pgpgout 20; o u64 total_swap 21; o u64 total_pgfault 22; o u64 total_pgmajfault 23; o u64 total_inactive_anon 24; o u64 total_active_anon 25; o u64 total_inactive_file 26; o u64 total_active_file 27; o u64 total_unevictable 28
        CpuStat: o u64 usage 1; o u64 user 2; o u64 system 3
        DiskStat: o u64 bytes_used 1; o u64 inodes_used 2
        BandwidthStat: o u64 in_rate 1; o u64 in_burst 2; o u64 out_rate 3; o u64 out_burst 4
        SpawnRequest: {JobFields}
        RunRequest: {JobFields}
        SpawnResponse: r u32 job_id 1
        LinkRequest: r string handle 1; r u32 job_id 2
        StreamRequest: r string handle 1; r u32 job_id 2
        LinkResponse: {ResultFields}
        RunResponse: {ResultFields}
        StreamResponse: o string name 1; o string data 2; o u32 exit_status 3; o InfoResponse info 4
        ResourceLimits: o u64 as 1; o u64 core 2; o u64 cpu 3; o u64 data 4; o u64 fsize 5; o u64 locks 6; o u64 memlock 7; o u64 msgqueue 8; o u64 nice 9; o u64 nofile 10; o u64 nproc 11; o u64 rss 12; o u64 rtprio 13; o u64 sigpending 14; o u64 stack 15
        NetInRequest: r string handle 1; o u32 container_port 2; o u32 host_port 3
        NetInResponse: r u32 host_port 1; r u32 container_port 2
        NetOutRequest: r string handle 1; o string network 2; o u32 port 3; o string port_range 4; o enum protocol 5; o i32 icmp_type 6; o i32 icmp_code 7; o bool log 8
        NetOutResponse:
        CopyInRequest: r string handle 1; r string src_path 2; r string dst_path 3
        CopyInResponse:
        CopyOutRequest: r string handle 1; r string src_path 2; r string dst_path 3; o string owner 4
        CopyOutResponse:
        LimitMemoryRequest: r string handle 1; o u64 limit_in_bytes 2
        LimitMemoryResponse: o u64 limit_in_bytes 1
        LimitDiskRequest: r string handle 1; {DiskFields}
        LimitDiskResponse: {DiskFields}
        LimitBandwidthRequest: r string handle 1; o u64 rate 2; o u64 burst 3
        LimitBandwidthResponse: r u64 rate 1; r u64 burst 2
        LimitCpuRequest: r string handle 1; o u64 limit_in_shares 2
        LimitCpuResponse: o u64 limit_in_shares 1
        PingRequest:
        PingResponse:
        ListRequest:
        ListResponse: * string handles 1
        EchoRequest: r string message 1
        EchoResponse: r string message 1
        """;

    /// <summary>The command's name by its number on the wire.</summary>
    public static IReadOnlyDictionary<int, string> Names { get; } =
        Numbers.Split("; ").Select(entry => entry.Split(' ')).ToDictionary(parts => int.Parse(parts[1]), parts => parts[0]);

    /// <summary>The number on the wire by the command's name.</summary>
    public static IReadOnlyDictionary<string, int> Types { get; } = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The fields of each message, in the order of their numbers.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<WireField>> Fields { get; } = Messages
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':', 2))
        .ToDictionary(parts => parts[0].Trim(), parts => ParseFields(parts[1]));

    private static IReadOnlyList<WireField> ParseFields(string text) =>
    [
        .. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(field => field.Split(' '))
            .Select(parts => new WireField(parts[2], int.Parse(parts[3]), parts[0][0], parts[1]))
            .OrderBy(field => field.Number),
    ];
}
