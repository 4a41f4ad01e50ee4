using System.Runtime.Versioning;
using Warden.Linux.Cgroups;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

/// <summary>The program that decides on devices, run here as the kernel would run it.</summary>
[SupportedOSPlatform("linux")]
public class DeviceProgramTests
{
    [Theory]
    [InlineData('c', 1, 3, (int)DeviceAccess.Read, true)]
    [InlineData('c', 1, 3, (int)DeviceAccess.All, true)]
    [InlineData('b', 1, 3, (int)DeviceAccess.Read, false)]
    [InlineData('c', 1, 11, (int)DeviceAccess.Read, false)]
    [InlineData('c', 1, 11, (int)DeviceAccess.Make, true)]
    [InlineData('c', 1, 11, (int)(DeviceAccess.Make | DeviceAccess.Write), false)]
    [InlineData('b', 8, 0, (int)DeviceAccess.Make, true)]
    [InlineData('b', 8, 0, (int)DeviceAccess.Read, false)]
    [InlineData('c', 5, 1, (int)DeviceAccess.Make, true)]
    [InlineData('c', 5, 1, (int)DeviceAccess.Read, false)]
    [InlineData('c', 5, 1, (int)DeviceAccess.Write, false)]
    [InlineData('c', 136, 77, (int)(DeviceAccess.Read | DeviceAccess.Write), true)]
    [InlineData('c', 137, 0, (int)DeviceAccess.Write, false)]
    [InlineData('c', 10, 229, (int)DeviceAccess.Write, true)]
    [InlineData('c', 10, 200, (int)DeviceAccess.Write, false)]
    public void It_allows_what_a_rule_allows_and_nothing_else(char type, int major, int minor, int access, bool allowed) =>
        Assert.Equal(allowed, Run(DeviceProgram.Compile(DeviceRules.Allowed), type, major, minor, (DeviceAccess)access));

    [Fact]
    public void Without_a_rule_nothing_is_allowed() => Assert.False(Run(DeviceProgram.Compile([]), 'c', 1, 3, DeviceAccess.Read));

    [Fact]
    public void Rules_read_as_devices_allow_takes_them() =>
        Assert.Equal(["b *:* m", "c 5:1 rwm", "c 136:* rw"], new DeviceRule[]
        {
            new('b', null, null, DeviceAccess.Make), new('c', 5, 1, DeviceAccess.All), new('c', 136, null, DeviceAccess.Read | DeviceAccess.Write),
        }.Select(rule => rule.ToString()));

    [SkippableFact]
    public void The_kernel_takes_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root loads BPF programs, on Linux");
        try
        {
            Bpf.LoadDeviceProgram(DeviceProgram.Compile([])).Dispose();
        }
        catch (LinuxException e)
        {
            Skip.If(true, $"this kernel has no such programs: {e.Message}");
        }

        using var program = Bpf.LoadDeviceProgram(DeviceProgram.Compile(DeviceRules.Allowed));
        Assert.False(program.IsInvalid);
    }

    /// <summary>The instructions that such programs are made of (RFC 9669), by their codes.</summary>
    private static bool Run(BpfInstruction[] program, char type, int major, int minor, DeviceAccess access)
    {
        var argument = new[] { (uint)(((int)access << 16) | (type == 'b' ? 1 : 2)), (uint)major, (uint)minor };
        var registers = new ulong[11];
        for (var at = 0; ; at++)
        {
            var instruction = program[at];
            var (destination, source) = (instruction.Registers & 0xF, instruction.Registers >> 4);
            switch (instruction.Code)
            {
                case 0x61:
                    Assert.Equal(1, source);
                    registers[destination] = argument[instruction.Offset / 4];
                    break;
                case 0xBC:
                    registers[destination] = (uint)registers[source];
                    break;
                case 0x74:
                    registers[destination] = (uint)registers[destination] >> instruction.Immediate;
                    break;
                case 0x54:
                    registers[destination] = (uint)registers[destination] & (uint)instruction.Immediate;
                    break;
                case 0xB7:
                    registers[destination] = (ulong)instruction.Immediate;
                    break;
                case 0x55:
                    at += registers[destination] == (ulong)instruction.Immediate ? 0 : instruction.Offset;
                    break;
                case 0x95:
                    return registers[0] == 1;
                default:
                    throw new InvalidOperationException($"instruction {instruction.Code:x2}");
            }
        }
    }
}
