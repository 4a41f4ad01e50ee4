using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Grace time, Stop, Destroy and Info (§3).</summary>
internal static class LifecycleClauses
{
    private const string Grace = "§3 Grace time";
    private const string Stopping = "§3 Stop";
    private const string Destroying = "§3 Destroy";
    private const string Information = "§3 Info";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("GRACE")
            .Must(1, Grace, "When a container's last connection is closed, it is destroyed grace_time seconds later.", Create)
            .Must(2, Grace, "A grace time of 0 destroys at once.", Create)
            .Must(3, Grace, "Opening a connection cancels the timers of every container that then exists.", Create)
            .Must(4, Grace, "A reference lasts until its connection closes.", Create)
            .Must(5, Grace, "A connection that was open already references a newer container once it names it.", Create, Info)
            .Must(6, Grace, "A connection that was open already and never named a newer container does not keep it.", Create)
            .Must(7, Grace, "Without a grace time in the request container_grace_time holds.", OwnConfiguration, Create)
            .Must(8, Grace, "container_grace_time null means never.", OwnConfiguration, Create)
            .Must(9, Grace, "For a recovered container that no connection references the timer starts in full.", OwnConfiguration | Restart, Create)
            .Must(10, Grace, "Drain starts no timer.", OwnConfiguration | Restart, Create)
            .Must(11, Grace, "A connection opened after the restart references a recovered container.", OwnConfiguration | Restart, Create)
            .Must(12, Grace, "A connection closed by the client's half-close references nothing any more.", Create)
            .Clauses,
        .. new ClauseTable("STOP")
            .Must(1, Stopping, "Stop sends TERM to every process of the container, and returns when only init is left and all jobs have ended.", Stop)
            .Must(2, Stopping, "The state is stopped at once, while Stop still waits.", Stop, Info)
            .Must(3, Stopping, "TERM is sent again every second.", Stop)
            .Must(4, Stopping, "After 10 seconds what is left gets KILL.", Stop)
            .Must(5, Stopping, "With kill, KILL comes at once.", Stop)
            .Must(6, Stopping, "With background, Stop answers at once and goes on.", Stop)
            .Must(7, Stopping, "A second Stop answers ok at once, also while the first still waits.", Stop)
            .Must(8, Stopping, "A second Stop with kill kills, while the first still waits.", Stop)
            .Must(9, Stopping, "While Stop waits, Info and List are answered.", Stop, Info, List)
            .Must(10, Stopping, "While Stop waits, Destroy of that container is not blocked.", Stop, Destroy)
            .Must(11, Stopping, "Files of a stopped container can be copied out.", CopyOut, Stop)
            .Must(12, Stopping, "Stop ends the processes that a job has left behind.", Stop)
            .Must(13, Stopping, "A stopped container's ended jobs can still be linked.", Stop, Link)
            .Clauses,
        .. new ClauseTable("DESTROY")
            .Must(1, Destroying, "Destroy stops as Stop does: processes get TERM first.", Destroy)
            .Must(2, Destroying, "What does not end gets KILL within about 10 seconds, and Destroy answers.", Destroy)
            .Must(3, Destroying, "A Link that waits is answered with status 255 where there is none, with the output so far and the last info.", Destroy, Link)
            .Must(4, Destroying, "A Stream that waits is answered with its last frame.", Destroy, StreamJob)
            .Must(5, Destroying, "The second Destroy gets \"unknown handle\".", Destroy)
            .Must(6, Destroying, "Destroy removes the container's directory from the host.", LinuxKernel, Destroy)
            .Must(7, Destroying, "A Run that waits is answered.", Destroy, Run)
            .Must(8, Destroying, "Of several that destroy one container at once one is answered ok, the others \"unknown handle\" or ok, and none hangs.", Destroy)
            .Must(9, Destroying, "A destroyed container does not come back after a restart.", OwnConfiguration | Restart, Destroy)
            .Clauses,
        .. new ClauseTable("INFO")
            .Must(1, Information, "Info has state, host_ip, container_ip and container_path.", Info)
            .Must(2, Information, "memory_stat always has total_rss, total_cache and total_inactive_file.", Info)
            .Must(3, Information, "cpu_stat always has usage, which grows with work.", Info)
            .Must(4, Information, "disk_stat has bytes_used and inodes_used.", OwnConfiguration, Info)
            .Must(5, Information, "bandwidth_stat reads 4294967295 in all four where nothing is limited.", Info)
            .Must(6, Information, "job_ids are the jobs that still run.", Info)
            .Must(7, Information, "A new container has no events.", Info)
            .Must(8, Information, "Events are a set: what happened twice stands once.", Info)
            .Must(9, Information, "Memory that a process holds shows in memory_stat.", Info)
            .Must(10, Information, "What vcap wrote shows in disk_stat.", OwnConfiguration, Info)
            .Clauses,
    ];
}
