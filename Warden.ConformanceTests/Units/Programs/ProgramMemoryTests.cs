using Warden.ConformanceTests.Units.Machine;
using Warden.Emulator.Machine;
using Xunit;

namespace Warden.ConformanceTests.Units.Programs;

/// <summary>What programs keep is memory of their process.</summary>
public sealed class ProgramMemoryTests
{
    [Fact]
    public async Task Tail_holds_the_bytes_that_it_is_asked_for()
    {
        using var machine = new TestContainer();
        var before = 0L;
        await machine.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            var tail = process.Spawn("/usr/bin/tail", ["tail", "-c", "8M"], process.Environment, p => p.DuplicateTo(read, 0));
            process.Close(read);
            for (var sent = 0; sent < 8 << 20; sent += 1 << 16)
            {
                await process.WriteAsync(write, new byte[1 << 16]);
            }
            await MachineTestExtensions.UntilAsync(() => (before = tail.ResidentBytes) > 7 << 20);
            process.Kill(tail.Id, Signal.KILL);
            process.Close(write);
            await process.WaitAsync(tail.Id);
        });
        Assert.True(before > 7 << 20);
    }
}
