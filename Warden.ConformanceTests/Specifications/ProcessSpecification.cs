using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Processes as the scripts of a container meet them (§3): what its kernel and bash do anywhere.</summary>
public abstract class ProcessSpecification(Target target) : Specification(target)
{
    [SkippableTheory]
    [Clause("WRD-PROCESS-001")]
    [InlineData("sleep 100 & bash -c \"kill -9 $!\"; wait $!; echo $?", "137")]
    [InlineData("sleep 100 & kill $!; wait $!; echo $?", "143")]
    [InlineData("bash -c 'exit 7' & wait $!; echo $?", "7")]
    [InlineData("wait 99999; echo $?", "127")]
    [InlineData("kill -0 $$; echo $?; kill -0 99999; echo $?; kill -0 1; echo $?; kill -9 1; echo $?", "0 1 1 1")]
    [InlineData("bash -c 'trap \"echo caught; exit 4\" USR1; kill -USR1 $$; echo not reached'; echo $?", "caught 4")]
    [InlineData("bash -c 'trap \"\" TERM; kill $$; echo deaf'; echo $?", "deaf 0")]
    [InlineData("bash -c 'trap \"\" TERM; exec bash -c \"kill \\$\\$; echo deaf\"'; echo $?", "deaf 0")]
    [InlineData("bash -c 'trap \"echo x\" TERM; exec bash -c \"kill \\$\\$; echo not reached\"'; echo $?", "143")]
    [InlineData("setsid bash -c 'ps -o sid= -p $$ | tr -d \" \" | grep -qx $$ && echo leads'", "leads")]
    [InlineData("setsid -w bash -c 'sleep 50 & sleep 50 & kill -TERM 0; echo not reached'; echo $?", "143")]
    [InlineData("timeout 0.1 sleep 50; echo $?", "124")]
    public async Task SignalsAndEndsAreLinuxs(string script, string expected) => await ExpectAsync(script, expected);

    [SkippableTheory]
    [Clause("WRD-PROCESS-002")]
    [InlineData("kill -CONT $s; wait $s; echo $?", "on 0")]
    [InlineData("kill $s; grep -c '^State:.T' /proc/$s/status; kill -CONT $s; wait $s; echo $?", "1 143")]
    [InlineData("kill -KILL $s; wait $s; echo $?", "137")]
    public async Task AStoppedProcessGoesOnWhenItIsContinued(string script, string expected) => await ExpectAsync(
        "bash -c 'kill -STOP $$; echo on' & s=$!; while ! grep -q '^State:.T' /proc/$s/status; do sleep 0.01; done; " + script, expected);

    [SkippableFact]
    [Clause("WRD-PROCESS-003")]
    public async Task AFunctionCallsItselfThousandsOfTimes() => await ExpectAsync(
        "f() { if [ $1 -gt 0 ]; then f $(($1 - 1)); else echo deep; fi; }; f 3000", "deep");

    [SkippableFact]
    [Clause("WRD-PROCESS-004")]
    public async Task InitAdoptsWhatIsLeftBehind() => await ExpectAsync(
        """
        bash -c '(p=$BASHPID; until test "$(cut -d" " -f4 /proc/$p/stat)" = 1; do sleep 0.01; done; echo adopted > adopted) & exit'
        until test -s adopted; do sleep 0.01; done; cat adopted
        """,
        "adopted");

    [SkippableFact]
    [Clause("WRD-PROCESS-005")]
    public async Task InitCannotBeEndedFromInside()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "kill -KILL 1; kill -STOP 1", ("privileged", true));

        Assert.Equal("", await OutputAsync(connection, handle, "! grep '^State:.[TtZX]' /proc/1/status"));
        Assert.Equal("active", (await InfoAsync(connection, handle)).Text("state"));
    }

    [SkippableFact]
    [Clause("WRD-PROCESS-006")]
    public async Task ProcTellsOfAProcess() => await ExpectAsync(
        """
        cat /proc/self/comm; (cd /tmp; readlink /proc/self/cwd); readlink /proc/self/root; readlink /proc/self/fd/5 5< /etc/passwd
        A=b bash -c 'tr "\0" "\n" < /proc/$$/environ | grep ^A='; bash -c 'tr "\0" " " < /proc/$$/cmdline; exit' x y; echo
        cut -d' ' -f2,3 /proc/self/stat; ls -d /proc/1 /proc/self; grep 'Max open files' /proc/self/limits | tr -s ' '; cat /proc/sys/kernel/ostype
        test -e /proc/99999 || echo gone
        """,
        """cat /tmp / /etc/passwd A=b bash -c tr "\0" " " < /proc/$$/cmdline; exit x y (cut) R /proc/1 /proc/self Max open files 1024 1024 files Linux gone""");

    [SkippableFact]
    [Clause("WRD-PROCESS-007")]
    public async Task TheMountsAreListed()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var mounts = await OutputAsync(connection, handle, "cut -d' ' -f2 /proc/mounts");

        Assert.All((string[])["/", "/proc", "/dev/shm"], mount => Assert.Contains(mount, mounts.Split('\n')));
    }

    /// <summary>What the script prints must be the words, whatever separates them.</summary>
    private async Task ExpectAsync(string script, string expected)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, script);

        Assert.Equal(expected, string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
