using System.Buffers.Binary;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>
/// An executable without a library or a compiler that makes system calls as programs of amd64 or of i386 make them, and prints what each
/// returned, as 32-bit numbers.
/// </summary>
internal sealed class SystemCallProgram
{
    private const int Base = 0x400000;
    private const int HeaderSize = 64 + 56; // elf(5), ELF64: the file's header, and one program header
    private const int DataAt = 0x4000;
    private const int ResultsAt = 0x5000;

    private readonly List<byte> _code = [];
    private readonly List<byte> _data = [];
    private int _results;

    /// <summary>By the instruction syscall.</summary>
    public SystemCallProgram Native(uint number, int first = 0, int second = 0, int third = 0)
    {
        Move(0xB8, (int)number);
        Move(0xBF, first);
        Move(0xBE, second);
        Move(0xBA, third);
        _code.AddRange([0x0F, 0x05]);
        return Store();
    }

    /// <summary>By the interrupt of i386, which every program of amd64 can use.</summary>
    public SystemCallProgram I386(uint number, int first = 0, int second = 0, int third = 0)
    {
        Move(0xB8, (int)number);
        Move(0xBB, first);
        Move(0xB9, second);
        Move(0xBA, third);
        Move(0xBE, 0);
        Move(0xBF, 0);
        _code.AddRange([0xCD, 0x80]);
        return Store();
    }

    /// <summary>Numbers in the program's memory; returns their address.</summary>
    public int Words(params int[] words)
    {
        var address = Base + DataAt + _data.Count;
        _data.AddRange(words.SelectMany(BitConverter.GetBytes));
        return address;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        var code = new List<byte>(_code);
        Move(code, 0xB8, 1); // write
        Move(code, 0xBF, 1);
        Move(code, 0xBE, Base + ResultsAt);
        Move(code, 0xBA, 4 * _results);
        code.AddRange([0x0F, 0x05]);
        Move(code, 0xB8, 231); // exit_group
        Move(code, 0xBF, 0);
        code.AddRange([0x0F, 0x05]);

        var file = new byte[0x6000];
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62); // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), Base + HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        var segment = file.AsSpan(64);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 7); // read, write, execute
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x1000);
        code.CopyTo(file, HeaderSize);
        _data.CopyTo(file, DataAt);
        return file;
    }

    /// <summary>A script of bash that runs it and prints what the calls returned, one a line.</summary>
    public string Script() =>
        $"base64 -d > /tmp/calls <<'END'\n{Convert.ToBase64String(Build())}\nEND\nchmod 755 /tmp/calls; /tmp/calls | od -An -v -w4 -td4 | tr -d ' '";

    private SystemCallProgram Store()
    {
        _code.AddRange([0x89, 0x04, 0x25, .. BitConverter.GetBytes(Base + ResultsAt + (4 * _results++))]); // mov [address], eax
        return this;
    }

    private void Move(byte instruction, int value) => Move(_code, instruction, value);

    private static void Move(List<byte> code, byte instruction, int value) => code.AddRange([instruction, .. BitConverter.GetBytes(value)]);
}
