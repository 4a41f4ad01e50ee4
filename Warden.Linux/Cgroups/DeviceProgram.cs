using Warden.Linux.Cgroups.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>
/// The program that the kernel asks in a group of cgroup v2 before a device is used: version 2 has no lists of devices (bpf(2),
/// BPF_PROG_TYPE_CGROUP_DEVICE).
/// </summary>
internal static class DeviceProgram
{
    // What the program is called with, struct bpf_cgroup_dev_ctx: three words of 32 bits, the first with the type in its lower half and what is
    // asked for in its upper one.
    private const short TypeAndAccessAt = 0;
    private const short MajorAt = 4;
    private const short MinorAt = 8;

    private const int BlockType = 1;
    private const int CharacterType = 2;

    // Which register holds what. R0 is the answer, R1 the argument.
    private const byte Answer = 0;
    private const byte Argument = 1;
    private const byte Type = 2;
    private const byte Access = 3;
    private const byte Major = 4;
    private const byte Minor = 5;
    private const byte Excess = 6;

    /// <summary>A program that lets through what one of the rules allows.</summary>
    public static BpfInstruction[] Compile(IReadOnlyList<DeviceRule> rules)
    {
        List<BpfInstruction> program =
        [
            BpfInstruction.LoadWord(Type, Argument, TypeAndAccessAt),
            BpfInstruction.Copy(Access, Type),
            BpfInstruction.ShiftRight(Access, 16),
            BpfInstruction.And(Type, 0xFFFF),
            BpfInstruction.LoadWord(Major, Argument, MajorAt),
            BpfInstruction.LoadWord(Minor, Argument, MinorAt),
        ];
        foreach (var rule in rules)
        {
            program.AddRange(Compile(rule));
        }

        return [.. program, BpfInstruction.Set(Answer, 0), BpfInstruction.Exit()];
    }

    /// <summary>Allows and ends where the rule matches, and goes on behind it where it does not.</summary>
    private static IEnumerable<BpfInstruction> Compile(DeviceRule rule)
    {
        var test = new List<Func<short, BpfInstruction>>
        {
            skip => BpfInstruction.SkipUnlessEqual(Type, rule.Type == 'b' ? BlockType : CharacterType, skip),
        };
        if (rule.Major is { } major)
        {
            test.Add(skip => BpfInstruction.SkipUnlessEqual(Major, major, skip));
        }

        if (rule.Minor is { } minor)
        {
            test.Add(skip => BpfInstruction.SkipUnlessEqual(Minor, minor, skip));
        }

        if (rule.Access != DeviceAccess.All)
        {
            test.Add(_ => BpfInstruction.Copy(Excess, Access));
            test.Add(_ => BpfInstruction.And(Excess, ~(int)rule.Access));
            test.Add(skip => BpfInstruction.SkipUnlessEqual(Excess, 0, skip));
        }

        BpfInstruction[] allow = [BpfInstruction.Set(Answer, 1), BpfInstruction.Exit()];
        return [.. test.Select((make, index) => make((short)(test.Count - index - 1 + allow.Length))), .. allow];
    }
}
