using System.Runtime.InteropServices;

namespace Warden.Linux.Cgroups.Interop;

/// <summary>One instruction of BPF, struct bpf_insn of linux/bpf.h (RFC 9669).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction
{
    private const byte BPF_LDX_MEM_W = 0x61;
    private const byte BPF_ALU_MOV_X = 0xBC;
    private const byte BPF_ALU_RSH_K = 0x74;
    private const byte BPF_ALU_AND_K = 0x54;
    private const byte BPF_ALU64_MOV_K = 0xB7;
    private const byte BPF_JMP_JNE_K = 0x55;
    private const byte BPF_JMP_EXIT = 0x95;

    private BpfInstruction(byte code, byte destination = 0, byte source = 0, short offset = 0, int immediate = 0)
    {
        Code = code;
        Registers = (byte)(BitConverter.IsLittleEndian ? (source << 4) | destination : (destination << 4) | source);
        Offset = offset;
        Immediate = immediate;
    }

    /// <summary>What it does.</summary>
    public byte Code { get; }

    /// <summary>Two fields of four bits: the destination's register and the source's.</summary>
    public byte Registers { get; }

    /// <summary>Where from, or how many instructions are passed over.</summary>
    public short Offset { get; }

    /// <summary>A number.</summary>
    public int Immediate { get; }

    /// <summary>Loads 32 bits from where a register points to, and so many bytes further.</summary>
    public static BpfInstruction LoadWord(byte destination, byte source, short offset) => new(BPF_LDX_MEM_W, destination, source, offset);

    /// <summary>Copies 32 bits.</summary>
    public static BpfInstruction Copy(byte destination, byte source) => new(BPF_ALU_MOV_X, destination, source);

    /// <summary>Shifts 32 bits to the right.</summary>
    public static BpfInstruction ShiftRight(byte destination, int bits) => new(BPF_ALU_RSH_K, destination, immediate: bits);

    /// <summary>Keeps these of 32 bits.</summary>
    public static BpfInstruction And(byte destination, int bits) => new(BPF_ALU_AND_K, destination, immediate: bits);

    /// <summary>Sets a register.</summary>
    public static BpfInstruction Set(byte destination, int value) => new(BPF_ALU64_MOV_K, destination, immediate: value);

    /// <summary>Passes over so many instructions unless a register, whose upper half is 0, has that value.</summary>
    public static BpfInstruction SkipUnlessEqual(byte register, int value, short skipped) =>
        new(BPF_JMP_JNE_K, register, offset: skipped, immediate: value);

    /// <summary>Ends; R0 is the answer.</summary>
    public static BpfInstruction Exit() => new(BPF_JMP_EXIT);
}
