using System.Buffers.Binary;
using System.Diagnostics;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>The filter of jobs, as the helper prints it, run here as the kernel would run it (seccomp(2), bpf of sock_filter).</summary>
internal sealed class SystemCallFilter
{
    public const uint Native = 0xC000003E; // AUDIT_ARCH_X86_64
    public const uint I386 = 0x40000003; // AUDIT_ARCH_I386
    public const uint Allow = 0x7FFF0000;
    public const uint NotPermitted = 0x00050001;
    public const uint NoSuchCall = 0x00050026;

    private readonly byte[] _program;

    private SystemCallFilter(byte[] program) => _program = program;

    public static SystemCallFilter OfHelper(params string[] arguments)
    {
        var helper = Path.Combine(AppContext.BaseDirectory, "warden-helper");
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists(helper), "the helper was not built: no C compiler");
        Skip.IfNot(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "the numbers here are amd64's");
        using var process = Process.Start(new ProcessStartInfo(helper, ["filter", .. arguments]) { RedirectStandardOutput = true })!;
        using var program = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(program);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return new SystemCallFilter(program.ToArray());
    }

    /// <summary>What the kernel is told to do with a call.</summary>
    public uint Judge(uint architecture, uint number, params ulong[] arguments)
    {
        var data = new byte[64]; // struct seccomp_data
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), architecture);
        for (var i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16 + (8 * i)), arguments[i]);
        }

        uint accumulator = 0;
        for (var at = 0; ; at++)
        {
            var instruction = _program.AsSpan(8 * at, 8);
            var operand = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(instruction))
            {
                case 0x20:
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)operand));
                    break;
                case 0x06:
                    return operand;
                case 0x05:
                    at += (int)operand;
                    break;
                case 0x15:
                    at += instruction[accumulator == operand ? 2 : 3];
                    break;
                case 0x25:
                    at += instruction[accumulator > operand ? 2 : 3];
                    break;
                case 0x35:
                    at += instruction[accumulator >= operand ? 2 : 3];
                    break;
                case 0x45:
                    at += instruction[(accumulator & operand) != 0 ? 2 : 3];
                    break;
                case var code:
                    throw new InvalidDataException($"the filter has an instruction 0x{code:x} that this does not know");
            }
        }
    }
}
