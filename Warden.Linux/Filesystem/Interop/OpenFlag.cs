using System.Runtime.InteropServices;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>The flags of open(2). Two of them have other numbers on ARM than elsewhere.</summary>
internal static class OpenFlag
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Truncate = 0x200;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int Path = 0x200000;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static int Directory { get; } = IsArm ? 0x4000 : 0x10000;

    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>A file without a name, in the directory that is opened; it is gone when it is closed.</summary>
    public static int Unnamed { get; } = 0x400000 | Directory;
}
