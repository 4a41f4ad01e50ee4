using static Warden.Spec.Clauses.ClauseNeeds;
using static Warden.Spec.Clauses.ClauseTable;
using static Warden.Spec.Protocol.Message.Types.Type;

namespace Warden.Spec.Clauses;

/// <summary>Jobs: how a script runs, its limits and its results (§4).</summary>
internal static class JobClauses
{
    private const string Jobs = "§4";
    private const string Ends = "§4 End";
    private const string Limits = "§4 rlimits";

    public static IReadOnlyList<Clause> All { get; } =
    [
        .. new ClauseTable("JOB")
            .Must(1, Jobs, "The script is the standard input of /bin/bash: what it does not read of itself is its input.", Run)
            .Must(2, Jobs, "A script runs as vcap, in /home/vcap.", Run)
            .Must(3, Jobs, "A privileged script runs as root, in /root.", Run)
            .Must(4, Jobs, "HOME, USER and PATH (/bin:/usr/bin) are vcap's.", Run)
            .Must(5, Jobs, "With privileged, HOME, USER and PATH (/sbin:/bin:/usr/sbin:/usr/bin) are root's.", Run)
            .Must(6, Jobs, "LANG is set, and nothing else of the server's environment.", Run)
            .Must(7, Jobs, "A job has a session of its own.", Run)
            .Must(8, Jobs, "A job has no file descriptor of the server's: 0, 1 and 2 alone.", Run)
            .Must(9, Jobs, "$0 is /bin/bash, so bash's own errors read /bin/bash: line N.", Run)
            .Must(10, Jobs, "The umask is 0022.", Run)
            .Must(11, Jobs, "Standard input is no terminal.", Run)
            .Must(12, Jobs, "A command that is not there: \"command not found\" on standard error and 127.", Run)
            .Must(13, Jobs, "Job ids count up over the whole server, from 1.", OwnConfiguration, Spawn)
            .Must(14, Jobs, "Job ids go on counting up after a restart.", OwnConfiguration | Restart, Spawn)
            .Must(15, Jobs, "Spawn answers before the job has ended.", Spawn)
            .Must(16, Jobs, "Jobs of one container run at the same time.", Spawn)
            .Must(17, Jobs, "A job goes on when the connection that spawned it is closed.", Spawn, Link)
            .Must(18, Jobs, "What a script leaves in the file system is there for the next.", Run)
            .Must(19, Jobs, "Vcap may not write where root alone may, and root may.", Run)
            .Must(20, Jobs, "An empty script ends with 0.", Run)
            .Must(21, Jobs, "A syntax error ends with 2 and bash's message.", Run)
            .Must(22, Jobs, "A script of a megabyte runs.", Run)
            .Must(23, Ends, "A job ends when its script's process exits, also where a background process holds its output open.", Run, Spawn, Link, StreamJob)
            .Must(24, Ends, "A job that has ended is in job_ids no more; what its script left running goes on.", Run, Info)
            .Must(25, Ends, "Every byte that was in the job's pipes when the script exited is in the answer and precedes a stream's last frame.", Run, StreamJob)
            .Must(26, Ends, "A job whose background process prints without an end is answered.", Run)
            .Must(27, Ends, "A job that has closed both its outputs ends when its script exits, with its status.", Run)
            .Must(28, Ends, "A stream opened after the exit and before Link replays what was printed until then.", StreamJob)
            .Should(29, Ends, "What a process substitution such as exec > >(tee log) prints at the script's end is in the answer.", Run)
            .Clauses,
        .. new ClauseTable("RUN")
            .Must(1, Jobs, "Run answers with status, output and standard error of the script, each set, also when empty or 0.", Run)
            .Must(2, Jobs, "Exit statuses from 0 to 255 arrive as they are.", Run)
            .Must(3, Jobs, "A job that was killed by a signal has status 255.", Run)
            .Must(4, Jobs, "Run carries info taken at the end.", Run)
            .Must(5, Jobs, "Run is Spawn and Link in one: its job is gone when it is answered.", Run, Link)
            .Must(6, Jobs, "Standard output and standard error are kept apart.", Run)
            .Must(7, Jobs, "Output of a megabyte arrives whole.", Run)
            .Clauses,
        .. new ClauseTable("LINK")
            .Must(1, "§4 Link", "Link blocks until the job ends, then returns status, output, standard error and info.", Link, Spawn)
            .Must(2, "§4 Link", "A job that has ended already is answered at once.", Link)
            .Must(3, "§4 Link", "Once a waiter's answer was written the job is gone: \"no such job\".", Link, StreamJob)
            .Must(4, "§4 Link", "Several connections that link one job by its end all get the result.", Link)
            .Must(5, "§4 Link", "A client that vanished while it waited consumes nothing.", Link)
            .Must(6, "§4 Link", "Links and streams of one job at the same time all get its result.", Link, StreamJob)
            .Must(7, "§4 Link", "A job of another container is no such job.", Link)
            .Must(8, "§4 Link", "Link's info names the state and no longer the job.", Link)
            .Clauses,
        .. new ClauseTable("STREAM")
            .Must(1, "§4 Stream", "Stream replays what the job has printed so far, from its beginning, then follows it.", StreamJob)
            .Must(2, "§4 Stream", "Frames of output have name and data and never an exit_status.", StreamJob)
            .Must(3, "§4 Stream", "The last frame has exit_status and info and no name.", StreamJob)
            .Must(4, "§4 Stream", "A frame has at most 64 KiB of data.", StreamJob)
            .Must(5, "§4 Stream", "Output comes as it is printed, not at the end.", StreamJob)
            .Must(6, "§4 Stream", "A stream whose client goes away leaves the job and its output in place for the next one.", StreamJob)
            .Must(7, "§4 Stream", "Once the last frame was written the job is gone.", StreamJob, Link)
            .Must(8, "§4 Stream", "Several streams of one job each get all of its output.", StreamJob)
            .Must(9, "§4 Stream", "Frames are in order of arrival: what a script prints to one stream after the other comes so.", StreamJob)
            .Must(10, "§4 Stream", "Stream of a job that has ended replays all it printed.", StreamJob)
            .Must(11, "§4 Stream", "A client that reads slowly gets everything.", StreamJob)
            .Must(12, "§4 Stream", "After the stream's end the connection serves the next request.", StreamJob, Ping)
            .Clauses,
        .. new ClauseTable("OUTPUT")
            .Must(1, "§4 Output limit", "A job over job_output_limit is killed and has status 255.", OwnConfiguration, Run)
            .Must(2, "§4 Output limit", "It keeps the output up to the limit, standard output and standard error together.", OwnConfiguration, Run)
            .Must(3, "§4 Output limit", "It adds the event \"command exceeded maximum output\".", OwnConfiguration, Run, Info)
            .Must(4, "§4 Output limit", "A job at the limit is left alone.", OwnConfiguration, Run)
            .Must(5, "§4 Output limit", "A limit of 0 or less means none.", OwnConfiguration, Run)
            .Must(6, "§4 Output limit", "With discard_output no limit applies, and the output is empty.", OwnConfiguration, Run, Spawn)
            .Must(7, "§4 Output limit", "With discard_output a stream has the last frame only.", Spawn, StreamJob)
            .Must(8, "§4 Output limit", "A stream of a job over the limit has the output up to the limit and status 255.", OwnConfiguration, StreamJob)
            .Must(9, "§4 Output limit", "The limit holds for each job of its own.", OwnConfiguration, Run)
            .Must(10, Ends, "Output that comes after the script's exit counts against no limit and kills nobody.", OwnConfiguration, Run)
            .Clauses,
        .. new ClauseTable("RLIMIT")
            .Must(1, Limits, "The defaults: core 0; nofile and nproc 1024; memlock 64 KiB; stack 8 MiB; the others unlimited.", Run)
            .Must(2, Limits, "A request's limits are set, soft and hard alike.", Run, Spawn)
            .Must(3, Limits, "Configured container_rlimits overlay the defaults, a request's overlay those.", OwnConfiguration, Run)
            .Must(4, Limits, "Limits that a request does not name keep their value.", Run)
            .Must(5, Limits, "A limit is enforced: a file larger than fsize ends its writer.", Run)
            .Must(6, Limits, "A limit that the kernel refuses is an Error naming it.", Run)
            .Must(7, Limits, "container_limits_conf of 2012 is read in its units.", OwnConfiguration, Run)
            .Clauses,
        .. new ClauseTable("TAG")
            .Must(1, "§4 log_tag", "Every line of a tagged job's standard output goes to syslog_socket as <14>… warden.TAG: line.", OwnConfiguration, Run, Spawn)
            .Must(2, "§4 log_tag", "Every line of its standard error goes there as <11>… warden.TAG: line.", OwnConfiguration, Run)
            .Must(3, "§4 log_tag", "Discarded output goes there too.", OwnConfiguration, Run)
            .Must(4, "§4 log_tag", "Lines go on flowing after the server restarts.", OwnConfiguration | Restart, Spawn)
            .Must(5, "§4 log_tag", "A job without a tag sends nothing there.", OwnConfiguration, Run)
            .Must(6, "§4 log_tag", "Of a line too long for one datagram nothing is lost: it comes in pieces, in order.", OwnConfiguration, Run)
            .Must(7, Ends, "What background processes print after the script's exit goes to syslog too.", OwnConfiguration, Run)
            .Clauses,
        .. new ClauseTable("RESTART")
            .Must(1, "§4 Restart", "A job that still runs after a restart can be linked, with everything it printed.", OwnConfiguration | Restart, Link)
            .Must(2, "§4 Restart", "A job that still runs after a restart can be streamed, with everything it printed.", OwnConfiguration | Restart, StreamJob)
            .Must(3, "§4 Restart", "A job that ended before the restart and was not linked keeps status and output.", OwnConfiguration | Restart, Link)
            .Must(4, "§4 Restart", "A job that ended during the restart keeps status and output.", OwnConfiguration | Restart, Link)
            .Must(5, "§4 Restart", "A job that was linked stays gone.", OwnConfiguration | Restart, Link)
            .Must(6, "§4 Restart", "All of that holds however the server ended: drained or crashed.", OwnConfiguration | Restart, Link)
            .Must(7, "§4 Restart", "More than 64 KiB printed before the restart arrives whole.", OwnConfiguration | Restart, Link, StreamJob)
            .Clauses,
    ];
}
