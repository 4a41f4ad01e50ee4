using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups.Interop;

/// <summary>bpf(2), as far as programs that decide on a group's devices need it.</summary>
internal static partial class Bpf
{
    private const int BPF_PROG_LOAD = 5;
    private const int BPF_PROG_ATTACH = 8;
    private const uint BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private const uint BPF_CGROUP_DEVICE = 6;

    /// <summary>A group beneath may have a program of its own; what is used then is what all of them allow.</summary>
    private const uint BPF_F_ALLOW_MULTI = 2;

    private static nint SystemCall => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    /// <summary>Has the kernel check and keep a program that decides on devices; it goes when nothing refers to it any more.</summary>
    /// <exception cref="LinuxException">The kernel has no such programs, or this process may load none.</exception>
    public static unsafe SafeFileHandle LoadDeviceProgram(ReadOnlySpan<BpfInstruction> instructions)
    {
        fixed (BpfInstruction* start = instructions)
        {
            // The kernel wants some license; only functions that the program does not call ask which.
            fixed (byte* license = "Apache-2.0\0"u8)
            {
                var load = new ProgramLoad
                {
                    Type = BPF_PROG_TYPE_CGROUP_DEVICE,
                    Count = (uint)instructions.Length,
                    Instructions = (ulong)start,
                    License = (ulong)license,
                };
                var descriptor = (int)Call(SystemCall, BPF_PROG_LOAD, &load, (uint)sizeof(ProgramLoad));
                return descriptor >= 0
                    ? new SafeFileHandle(descriptor, ownsHandle: true)
                    : throw LinuxException.Last("load a BPF program that decides on devices");
            }
        }
    }

    /// <summary>Sets a group's program; the group keeps it, and takes it along when it is removed.</summary>
    public static unsafe void AttachDeviceProgram(string group, SafeFileHandle program)
    {
        using var directory = CgroupFile.Open(group);
        bool ofProgram = false, ofDirectory = false;
        try
        {
            program.DangerousAddRef(ref ofProgram);
            directory.DangerousAddRef(ref ofDirectory);
            var attach = new ProgramAttach
            {
                Target = (uint)directory.DangerousGetHandle(),
                Program = (uint)program.DangerousGetHandle(),
                Type = BPF_CGROUP_DEVICE,
                Flags = BPF_F_ALLOW_MULTI,
            };
            if (Call(SystemCall, BPF_PROG_ATTACH, &attach, (uint)sizeof(ProgramAttach)) < 0)
            {
                throw LinuxException.Last("set the BPF program that decides on the devices of", group);
            }
        }
        finally
        {
            if (ofProgram)
            {
                program.DangerousRelease();
            }

            if (ofDirectory)
            {
                directory.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Call(nint number, int command, void* attributes, uint size);

    /// <summary>The part of union bpf_attr for BPF_PROG_LOAD that every kernel since 4.15 has.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramLoad
    {
        public uint Type;
        public uint Count;
        public ulong Instructions;
        public ulong License;
        public uint LogLevel;
        public uint LogSize;
        public ulong LogBuffer;
        public uint KernelVersion;
        public uint Flags;
    }

    /// <summary>The part of union bpf_attr for BPF_PROG_ATTACH.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramAttach
    {
        public uint Target;
        public uint Program;
        public uint Type;
        public uint Flags;
    }
}
